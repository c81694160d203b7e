#!/bin/sh
# Tests with nothing but sh and curl. The exit code is 1 where one failed.
set -eu
cd "$(dirname "$0")"
. ./mockserver.sh

failed=0
tools='[{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]'

# expect WHAT WANT GOT
expect() {
  if [ "$2" = "$3" ]; then
    echo "ok - $1"
  else
    echo "not ok - $1: want '$2', got '$3'"
    failed=1
  fi
}

# http SESSION PATH BODY FLAG...: a request in a session of its own, so that tests do not concern each other.
http() {
  url=$base_url/_s/$1$2 body=$3
  shift 3
  curl --silent --noproxy '*' "$url" --header "x-api-key: $api_key" --header 'anthropic-version: 2023-06-01' \
    --header 'content-type: application/json' --data "$body" "$@"
}

# ask SESSION MESSAGES FLAG...
ask() {
  session=$1 asked="{\"model\":\"claude-sonnet-5\",\"max_tokens\":1024,\"tools\":$tools,\"messages\":[$2]}"
  shift 2
  http "$session" /v1/messages "$asked" "$@"
}

# verified SESSION EXPECTED: prints the status of the control API's verdict, 200 or 409.
verified() {
  http "$1" /_mock/verify "$2" --output /dev/null --write-out '%{http_code}'
}

start_mockserver ../scenarios --on-unmatched error

answer=$(ask text '{"role":"user","content":"Say hello"}')
expect 'a text' 'Hello! How can I help?' "$(field text "$answer")"
expect 'a text: all was expected' 200 "$(verified text '{"times":1}')"

question='{"role":"user","content":"What is the weather in Paris?"}'
call=$(ask tool "$question")
expect 'a tool is called' get_weather "$(field name "$call")"
id=$(field id "$call")
asked="{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"$id\",\"name\":\"get_weather\",\"input\":{}}]}"
told="{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"$id\",\"content\":\"sunny\"}]}"
answer=$(ask tool "$question,$asked,$told")
expect 'its result is used' 'It is sunny in Paris.' "$(field text "$answer")"
expect 'a tool: all was expected' 200 "$(verified tool '{"times":2}')"

answer=$(ask busy '{"role":"user","content":"Are you busy?"}' --fail --retry 2 --retry-all-errors)
expect 'an overloaded API is asked again' 'Sorry, I was busy.' "$(field text "$answer")"
expect 'it was asked twice' 200 "$(verified busy '{"times":2}')"
expect 'it was overloaded once' 200 "$(verified busy '{"times":1,"where":{"status":529}}')"

answer=$(ask stranger '{"role":"user","content":"Who wrote this?"}')
expect 'what nobody scripted is no answer' not_found_error "$(field type "$answer")"
expect 'and does not go unnoticed' 409 "$(verified stranger '{}')"

stop_mockserver
exit $failed
