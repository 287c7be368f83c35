# Every sample that `/__faregate/metrics` of $zone should have, by name and labels.
def labels($pairs):
  [["zone", $zone]] + $pairs | map(select(.[1] != null and .[1] != "") | "\(.[0])=\"\(.[1])\"") | "{" + join(",") + "}";
def seconds: . / 1000 | tostring | if contains(".") then . else . + ".0" end;
[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12000, 20000, 30000] as $bounds
| [inputs | select(.z == $zone)] as $rows
| [$closings[] | select(.z == $zone and (.isNothing | not))] as $money
| def family($name; included; pairs):
    reduce ($rows[] | select(included)) as $row ({}; .[$name + ($row | labels(pairs))] += 1);
  def histogram($name; times):
    reduce ("serve", "refuse") as $decision ({};
      [$rows[] | select(.decision == $decision) | times] as $times
      | reduce $bounds[] as $bound (.;
          .[$name + "_bucket" + labels([["decision", $decision], ["le", ($bound | seconds)]])] = ([$times[] | select(. <= $bound)] | length))
      | .[$name + "_bucket" + labels([["decision", $decision], ["le", "+Inf"]])] = ($times | length));
  def charged: [["route", .route], ["plan", .plan], ["model", .model], ["rail", .rail]];
  family("faregate_requests_total"; true; [["route", .route], ["decision", .decision], ["status", .status]])
  + family("faregate_refusals_total"; .decision == "refuse"; [["reason", .reason], ["credential", .credential], ["rail", .rail], ["format", .format]])
  + family("faregate_served_total"; .decision == "serve"; [["cache", .cache], ["rail", .rail], ["exempt", .exempt], ["model", .model]])
  + family("faregate_trips_total"; .trip != null; [["trip", .trip], ["offer", .offer]])
  + family("faregate_observed_total"; .observed != null; [["route", .route], ["observed", .observed]])
  + { ("faregate_response_bytes_total" + labels([])): ([$rows[].bytes // 0] | add // 0) }
  + histogram("faregate_request_duration_seconds"; .totalMs)
  + histogram("faregate_origin_duration_seconds"; .originMs | select(. != null and . > 0))
  + reduce $money[] as $one ({};
      ($one | charged) as $of
      | .["faregate_charges_total" + labels($of)] += $one.charges
      | .["faregate_charges_unsettled_total" + labels($of)] += $one.unsettled
      | .["faregate_payments_undelivered_total" + labels($of)] += $one.undelivered
      | if $one.currency == null then . else .["faregate_revenue" + labels($of + [["currency", $one.currency]])] += $one.nanos end
      | reduce ($one.counts | to_entries[]) as $count (.; .["faregate_units" + labels($of + [["unit", $count.key]])] += $count.value))
