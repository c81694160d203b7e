"""What a request may hold, as tables: fields, kinds, limits, betas. Not here: what the parts mean together (`rules`).

One error at a time, found in the table's own order. Our own tables and not pydantic, since the API's order, union
tags, sentences and gates (betas, versions, models) are the subject; see docs/design.md.
"""
