# Every number that the dashboard of $zone should show for $range at $now. The environment's TZ is the clock of the zone.
def day: . / 1000 | floor | localtime | strftime("%Y-%m-%d");
def days($more): strptime("%Y-%m-%d") | mktime + $more * 86400 | strftime("%Y-%m-%d");
def words: . / 1000 | floor | localtime | strftime("%B %-d, %Y at %H:%M");
def timeLabel: . / 1000 | floor | localtime | strftime("%b %-d, %H:%M");
def dayLabel: strptime("%Y-%m-%d") | mktime | strftime("%b %-d");
def dayWords: strptime("%Y-%m-%d") | mktime | strftime("%B %-d, %Y at 00:00");
[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12000, 20000, 30000] as $bounds
| def p95: if length == 0 then null else sort[(length * 0.95 | ceil) - 1] as $time | first($bounds[] | select(. >= $time)) // "over 30 s" end;
  def share($all): if $all == 0 then null else . / $all * 1000 | round / 10 end;
  def sums: reduce .[] as $one ({}; if $one.currency == null then . else .[$one.currency] += $one.nanos end);
  def refused: select(.decision == "refuse");
  def copies: [.[] | select(.decision == "serve" and .cache != null)];
  def hits: map(select(.cache == "hit")) | length;
  # What paying would have cured, shown as a page: of the reasons of 402 a hold alone is none.
  def isPage: .decision == "refuse" and .format == "html" and .status402 and .reason != "security-hold";
  # The offers of the site, by the routes that they open.
  def opening: if . == "/archive/*" then ["yearly", "archive"]
    elif IN("/articles/*", "/watched/*", "/few/*", "/slowly/*", "/orders/*", "/v1/*") then ["monthly", "yearly"] else [] end;
  # Steps of trips are requests for the gate's own endpoints.
  def headline($rows; $money; $trips): {
    hurt: ([$rows[] | refused | select(.credential == "verified") | .account // empty] | unique | length),
    refusals: ([$rows[] | refused | select(.credential == "verified")] | length),
    notGenuine: ([$rows[] | refused | select(.credential == "refused")] | length),
    errors: ([$rows[] | select(.status == "5xx" and .decision != "prefetch")] | length),
    unsettled: ([$money[].unsettled] | add // 0),
    undelivered: ([$money[].undelivered] | add // 0),
    revenue: ($money | sums),
    charges: ([$money[].charges] | add // 0),
    asked: ([$rows[] | refused | select(.reason == "payment-required")] | length),
    bought: ([$trips[] | select(.trip == "finished" and .offer != null)] | length),
    pages: ([$rows[] | select(isPage)] | length),
    copies: ($rows | copies | hits as $hits | length as $all | $hits | share($all)),
    copyable: ($rows | copies | length),
    p95: ([$rows[].originMs | select(. != null and . > 0)] | p95),
    requests: ($rows | length)
  };
  def by(name): map(select(name != null)) | group_by(name) | map({ key: (.[0] | name), value: . }) | from_entries;
  def moneyBy(name): by(name) | map_values([([.[].charges] | add), sums]);
  (if $range == "1h" then 60000 else 3600000 end) as $step
  | ({ "1h": 60, "24h": 24, "7d": 168 }[$range] // 0) as $steps
  | ($now - $now % $step + $step) as $to
  | ($now | day) as $today
  | def isIn($weeks):
      if $range == "90d" then
        (.t | day) as $day | ($today | days(-89 - $weeks * 90)) <= $day and $day <= ($today | days(-$weeks * 90))
      else ($to - $weeks * 604800000) as $until | .t >= $until - $step * $steps and .t < $until end;
    def bucket: if $range == "90d" then .t | day else .t - .t % $step end;
    [inputs | select(.z == $zone)] as $every
    | [$every[] | select(.decision != "own")] as $all
    | [$every[] | select(.trip != null)] as $steps_of_trips
    | [$steps_of_trips[] | select(isIn(0))] as $trips
    | [$all[] | select(isIn(0))] as $rows
    | [$closings[] | select(.z == $zone and (.isNothing | not)) | select(isIn(0))] as $money
    | headline($rows; $money; $trips) as $present
    | {
        since: (if $range == "90d" then $today | days(-89) | dayWords else $to - $step * $steps | words end),
        now: ($now | words),
        present: $present,
        past: headline([$all[] | select(isIn(1))]; [$closings[] | select(.z == $zone and (.isNothing | not)) | select(isIn(1))]; [$steps_of_trips[] | select(isIn(1))]),
        offers: (["monthly", "yearly", "archive"] | map(. as $offer | { key: ., value: (
          [[$rows[] | select(isPage) | .route | select(opening | index($offer))] | length]
          + (["begun", "finished", "cancelled"] | map(. as $step | [$trips[] | select(.offer == $offer and .trip == $step)] | length))
          | . + [.[1] as $begun | .[2] | share($begun)]
        ) }) | from_entries),
        reasons: ([$rows[] | refused] | by(.reason)
          | map_values([length, (map(select(.credential == "verified")) | length), (map(select(.credential == "refused")) | length)])),
        routes: ([$rows[] | .route //= "no route"] | by(.route) | map_values([
          length, ([.[] | refused] | length), (copies | hits as $hits | length as $all | $hits | share($all)),
          ([.[].totalMs] | p95), (([.[].bytes // 0] | add) / 10000 | round / 100)
        ])),
        money: { "Route": ($money | moneyBy(.route)), "Paid by": ($money | moneyBy(.rail)), "Model": ($money | moneyBy(.model)) },
        exempted: ($rows | by(.exempt) | map_values([length, (([.[].bytes // 0] | add) / 10000 | round / 100)])),
        observed: ($rows | by(.observed) | map_values(length)),
        buckets: ($rows | group_by(bucket) | map({
          label: (.[0] | bucket | if $range == "90d" then dayLabel else timeLabel end),
          reasons: ([.[] | refused] | by(.reason) | map_values(length)),
          asked: ([.[] | refused | select(.reason == "payment-required")] | length),
          otherwise: ([.[] | select(.decision != "refuse")] | length)
        }))
      }
