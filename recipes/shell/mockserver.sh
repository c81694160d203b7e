# Starts a server for as long as the script runs that reads this file. Nothing but POSIX sh, curl and sed.
#
#   . ./mockserver.sh
#   start_mockserver scenarios/
#   curl "$base_url/v1/messages" ...

# start_mockserver ARGUMENT...: sets base_url, control_url and api_key.
start_mockserver() {
  folder=$(mktemp -d)
  mkfifo "$folder/life" "$folder/ready"
  mockserver serve --port 0 --ready-json --exit-with-parent --log-level warning "$@" \
    <"$folder/life" >"$folder/ready" &
  # Descriptor 3 is the server's life: it is closed when this script ends, whatever ends it.
  exec 3>"$folder/life"
  read -r ready <"$folder/ready" || ready=
  rm -r "$folder"
  [ -n "$ready" ] || { echo "mockserver did not start; it said why above" >&2; exit 1; }
  base_url=$(field base_url "$ready")
  control_url=$(field control_url "$ready")
  api_key=$(field api_key "$ready")
}

# stop_mockserver: ends the server, and waits until it has ended.
stop_mockserver() {
  exec 3>&-
  wait
}

# field NAME JSON: prints the last text that stands under this key in compact JSON.
field() {
  printf '%s\n' "$2" | sed -n "s/.*[{,]\"$1\":\"\([^\"]*\)\".*/\1/p"
}
