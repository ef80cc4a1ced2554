-- wrk script: a different path per request, from the file named in PATHS, starting at SEED; one line of JSON at the end.
local paths, at = {}, tonumber(os.getenv("SEED"))
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local headers = { Accept = os.getenv("ACCEPT") }

request = function()
  at = at + 1
  return wrk.format("GET", paths[at % #paths + 1], headers)
end

done = function(summary, latency)
  local errors = summary.errors
  print(string.format('{"count":%d,"seconds":%.6f,"bytes":%d,"p50":%.3f,"errors":%d}', summary.requests, summary.duration / 1e6,
    summary.bytes, latency:percentile(50) / 1000, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
