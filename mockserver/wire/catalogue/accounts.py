"""Errors of who asks and who pays: credentials, permissions, money."""

from typing import Final

from mockserver.wire.catalogue.named import NamedError, coded, invalid

CREDENTIALS: Final = {
    "api_key_missing": NamedError("authentication_error", "x-api-key header is required"),
    "api_key_malformed": NamedError("authentication_error", "invalid x-api-key"),
    "api_key_invalid": NamedError("authentication_error", "API key is invalid."),
    "bearer_token_invalid": NamedError("authentication_error", "Invalid bearer token"),
    "oauth_token_revoked": NamedError("authentication_error", "OAuth access token has been revoked."),
    "oauth_token_expired": NamedError(
        "authentication_error",
        "OAuth token has expired. Please obtain a new token or refresh your existing token.",
    ),
    "oauth_not_allowed": NamedError(
        "permission_error", "OAuth authentication is currently not allowed for this organization."
    ),
    "claude_code_only": invalid(
        "This credential is only authorized for use with Claude Code and cannot be used for other API requests."
    ),
    "long_context_incompatible": invalid(
        "This authentication style is incompatible with the long context beta header."
    ),
    "workspace_required": invalid(
        "This API key is not scoped to a workspace, so this request must include the anthropic-workspace-id header "
        "with the ID of the workspace to use."
    ),
    "permission_denied": NamedError(
        "permission_error", "Your API key does not have permission to use the specified resource"
    ),
    "region_not_allowed": NamedError("forbidden", "Request not allowed", 403, bare=True),
    "organization_disabled": invalid("This organization has been disabled."),
    "organization_on_hold": coded(
        "organization_on_hold", "Anthropic has disabled the organization for trust and safety reasons."
    ),
    "data_retention_required": invalid(
        "In order to access this model, your organization or workspace must have data retention enabled."
    ),
    "sandbox_egress_restricted": coded(
        "sandbox_egress_restricted",
        "The request came from a Claude sandbox with restricted network access, which is not allowed to make this "
        "request.",
        "permission_error",
    ),
    "user_profile_required": coded(
        "user_profile_required",
        'The request sets `billing_policy.bill_to` to "user_profile" but names no user profile.',
    ),
    "user_profile_not_found": coded(
        "user_profile_not_found",
        "The request depends on a user profile that does not exist in the organization or is no longer active.",
    ),
    "user_profile_not_billable": coded(
        "user_profile_not_billable",
        "The caller is not allowed to bill the user profile that the request names.",
        "permission_error",
    ),
    "user_profile_billing_not_authorized": coded(
        "user_profile_billing_not_authorized",
        "The customer that the named user profile represents has not authorized the caller to bill them.",
        "permission_error",
    ),
}

MONEY: Final = {
    "credit_balance_too_low": invalid(
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
        "purchase credits."
    ),
    "spend_limit_reached": invalid(
        "You have reached your specified API usage limits. You will regain access on {date} at 00:00 UTC."
    ),
    "workspace_spend_limit_reached": invalid(
        "You have reached your specified workspace API usage limits. You will regain access on {date} at 00:00 UTC."
    ),
    "enforced_spend_limit_reached": coded(
        "enforced_spend_limit_reached",
        "The organization has crossed the monthly API usage threshold of its API tier.",
        "rate_limit_error",
    ),
    "contract_spend_limit_reached": coded(
        "contract_spend_limit_reached",
        "The organization has reached the spend limit of its contract.",
        "rate_limit_error",
    ),
    "payment_required": NamedError(
        "billing_error", "There's an issue with your billing or payment information.", evidence="documented"
    ),
    "linked_organization_billing_unavailable": coded(
        "linked_organization_billing_unavailable",
        "Anthropic cannot currently bill the organization linked to the request's user profile.",
        "billing_error",
    ),
    "linked_organization_spend_limit_reached": coded(
        "linked_organization_spend_limit_reached",
        "The organization linked to the request's user profile has reached a spend limit that it set, or lacks credit "
        "for the request.",
        "billing_error",
    ),
}
