# What billing was told, as closings: what each charge kept when it was closed, and what was changed of it later.
def ms: (.[0:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
# Amounts as whole 10⁻⁹: jq's numbers hold them exactly up to nine million of a currency.
def nanos:
  if . == null then 0
  else startswith("-") as $negative
  | (ltrimstr("-") | split(".")) as $parts
  | ($parts[0] | tonumber) * 1000000000 + ((($parts[1] // "") + "000000000")[0:9] | tonumber)
  | if $negative then -. else . end
  end;
def counts: .counts // {} | map_values(tonumber);
def add($more): reduce ($more | to_entries[]) as $one (.; .[$one.key] += $one.value);
def isNothing: .nanos == 0 and .uses == 0 and all(.counts[]; . == 0);
def change: .data.change | { nanos: (.price.amount | nanos), currency: .price.currency, uses: (.uses // 0), counts: counts };
def plus($more): {
  nanos: (.nanos + $more.nanos), currency: ($more.currency // .currency), uses: (.uses + $more.uses), counts: (.counts | add($more.counts))
};
# Told at least once: the same source and id are the same record. What is added to one large object would be copied each time.
[foreach inputs as $event (-1; . + 1; { at: ., of: [$event.source, $event.data.charge], event: $event })]
| group_by(.of)[]
| sort_by(.at)
| reduce .[].event as $event ([]; if any(.[]; .id == $event.id) then . else . + [$event] end)
| reduce .[] as $event ({ sum: { nanos: 0, currency: null, uses: 0, counts: {} }, isClosed: false, told: [] };
    ($event | change) as $change
    | .sum |= plus($change)
    | if $event.type == "faregate.usage.charge" then . else
        (if .isClosed then $change else .sum end) as $kept
        | (.isPending // false) as $isPending
        | .told += [$event.data as $data | $data.request as $request | {
            z: ($event.source | ltrimstr("faregate/")), t: ($event.time | ms),
            route: $request.route, plan: $request.plan, model: ($data.breakdown.of // $request.model),
            rail: ($data.payment.rail // $data.paidBy), currency: $kept.currency, nanos: $kept.nanos, counts: $kept.counts,
            charges: (if .isClosed or ($kept | isNothing) then 0 else 1 end)
          }
          | .isNothing = ($kept | isNothing)
          | .unsettled = (if .charges == 1 and $event.type == "faregate.usage.unsettled" then 1 else 0 end)
          # A report that comes late ends it.
          | .pending = (if .unsettled == 1 then 1 elif $isPending then -1 else 0 end)
          | .undelivered = (if .charges == 1 and $data.payment != null and $data.delivery != "complete" then 1 else 0 end)
        ]
        | .isPending = (.told[-1].pending == 1)
        | .isClosed = true
      end)
| .told[]
