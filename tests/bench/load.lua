-- wrk -s load.lua URL -- BODIES BEGIN [TOKEN or - [check]]: POST the lines of a file in turn, beginning at one of
-- them. check: read the answers, too, and count those with errors, which come with status 200.
local requests, at, threads = {}, 0, {}
refused = 0 -- of one thread; no local, for `done` asks the thread for it

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
  if arguments[3] and arguments[3] ~= "-" then headers["Authorization"] = "Bearer " .. arguments[3] end
  for body in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
  at = tonumber(arguments[2]) % #requests
  if arguments[4] then response = check end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function check(_, _, body)
  if body:find('"errors":[', 1, true) then refused = refused + 1 end
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  for _, thread in ipairs(threads) do failed = failed + thread:get("refused") end
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "bytes": %d, "errors": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
