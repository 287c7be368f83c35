# Of each line of the log what the dashboard and the metrics could know, with its time in milliseconds.
def ms: (.[0:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
select(.zone != null)
| {
    z: .zone, t: (.time | ms), route, decision, reason, credential, rail, exempt, model, observed, format, trip, offer, account, bytes, totalMs, originMs,
    status402: (.status == 402),
    status: "\(.status / 100 | floor)xx",
    cache: (if .cache == null then null else (.cache | split(";")[0]) end)
  }
