# Part of scripts/demo, which reads it: South's sensors, and what goes back to North.

say "Early warnings have an agreement of their own: sensors may look for them, and nobody may block them"
run collection add "Early warnings" --alias early --default-marking TLP:GREEN
run collection add "Sightings from South" --alias from-south --default-marking TLP:GREEN
run collection add "Early warnings from North" --data "$dir/south" --alias from-north-early --default-marking TLP:GREEN
run collection add "Sightings" --data "$dir/south" --alias sightings --default-marking TLP:GREEN
run agreement new --template bilateral --party "North CERT" --party "South ISAC" --title "North and South: early warnings" \
  --type indicator --type sighting --out "$dir/early.json"
run agreement propose "$dir/early.json" --key "$dir/north.key" --person "Nora North" --office Director
all=$agreement
early=$("$entente" agreement list --json | sed -n 's/.*"id": *"\(agr:[0-9a-f]*\)".*/\1/p' | grep -vxF "$all")
agreement=$early
hand north south
run agreement sign "$early" --data "$dir/south" --key "$dir/south.key" --person "Sam South" --office CISO
hand south north
run agreement bind "$early" --collection early --out
run agreement bind "$early" --data "$dir/south" --collection from-north-early --in
for each in "$all" "$early"; do
  run agreement bind "$each" --data "$dir/south" --collection sightings --out
  run agreement bind "$each" --collection from-south --in
done
south_node_password=$(secret)
printf '%s\n' "$south_node_password" | run user add south-node --party "South ISAC" --role publisher --password-stdin
run grant add early --user analyst --read --write
run grant add from-south --user analyst --read
run grant add from-north-early --data "$dir/south" --user hunter --read

cdn() {  # cdn REVOKED: the indicator of the early warning
  printf '{"type":"indicator","spec_version":"2.1","id":"indicator--4b1d0d0c-6a1e-4f0e-9d4c-2f6f3f9a7c11","created":"2026-01-01T00:00:00.000Z",'
  printf '"modified":"%s","revoked":%s,"name":"Where the loader may come from","indicator_types":["anomalous-activity"],' "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$1"
  printf '"pattern":"[domain-name:value = '"'cdn.example'"']","pattern_type":"stix","valid_from":"2025-11-01T00:00:00Z"}\n'
}
pull_early() {
  ENTENTE_PASSWORD="$south_password" "$entente" pull "$north/api/collections/early/" --match-version all \
    --ca-file "$dir/north/tls/cert.pem" --user south --data "$dir/south" --into from-north-early --as north-feed || [ $? = 3 ]
}
warn() {
  cdn "$1" >"$dir/cdn.jsonl"
  ENTENTE_PASSWORD="$north_password" "$entente" push "$dir/cdn.jsonl" "$north/api/collections/early/" \
    --ca-file "$dir/north/tls/cert.pem" --user analyst
  pull_early
}
warn false

say "South's node looks for what it has from North; 192.0.2.0/24 is South's own, and hits on it are never told"
run own-assets add 192.0.2.0/24 --data "$dir/south"
run watch set --data "$dir/south" --user hunter
run user add probe --data "$dir/south" --role sensor --no-password
probe=$("$entente" token add probe --data "$dir/south" --json | sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
serve south "$south_listen"
south=$(cat "$dir/south.url")
sense() {  # a sensor sends its events
  for _ in $(seq 100); do  # until the indicators have been read
    printf 'header = "Authorization: Bearer %s"\n' "$probe" |
      curl -s --cacert "$dir/south/tls/cert.pem" --config - --data-binary @examples/harbour-eve.jsonl -o "$dir/$1" -w '%{http_code}\n' "$south/entente/events/" >"$dir/$1.code"
    [ "$(cat "$dir/$1.code")" = 503 ] || break
    sleep 0.1
  done
  cat "$dir/$1"
  [ "$(cat "$dir/$1.code")" = 200 ]
}
printf '  $ curl --data-binary @examples/harbour-eve.jsonl …/entente/events/\n'
sense seen
printf '  $ entente sightings list\n'
"$entente" sightings list --data "$dir/south"

say "A blocking feed at South: what the first agreement lets be blocked, and nothing of the early warnings"
printf '// Only for this demo: Debian has the real list in the package publicsuffix.\ncom\nexample\n' >"$dir/suffixes.dat"
mkdir "$dir/wall"
run feed add wall --data "$dir/south" --for hunter --purpose block --format plain --suffixes "$dir/suffixes.dat" --out "$dir/wall"
(cd "$dir/wall" && grep -r . . | grep -v json)
! grep -rqF cdn.example "$dir/wall" || { echo "scripts/demo: an early warning stands in the blocking feed" >&2; exit 1; }

say "South looks at the sightings and lets them go; its node brings them to North's"
printf '%s\n' "$south_node_password" | run peer set "North CERT" --data "$dir/south" --url "$north/api/collections/from-south/" \
  --user south-node --password-file - --ca-file "$dir/north/tls/cert.pem"
run sightings approve --all --data "$dir/south" --person "Sam South"
for _ in $(seq 200); do
  "$entente" export --for analyst --collection from-south --out "$dir/sightings.jsonl" >/dev/null 2>&1 || true  # nothing yet
  grep -qs '"sighting_of_ref":"indicator--4b1d0d0c' "$dir/sightings.jsonl" && break
  rm -f "$dir/sightings.jsonl"
  sleep 0.1
done
[ -s "$dir/sightings.jsonl" ] || { echo "scripts/demo: no sighting came to North" >&2; exit 1; }
head -n 2 "$dir/sightings.jsonl"

say "North withdraws the early warning: South's node is silent about it from then on"
warn true
sense after
[ "$(sed 's/.*"hits":\([0-9]*\).*/\1/' "$dir/after")" -lt "$(sed 's/.*"hits":\([0-9]*\).*/\1/' "$dir/seen")" ] ||
  { echo "scripts/demo: what was withdrawn still hits" >&2; exit 1; }
