-- Sends ready requests, picked at random from a file, and says what came back as one line of JSON.
-- Arguments: the file, the seed, and `look` to look into each answer: that slows wrk down, so it is not done while measuring.

local sender

function setup(thread)
  sender = thread
end

function init(args)
  local file = assert(io.open(args[1], 'rb'))
  requests = {}
  for length in function() return file:read('*n') end do
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
  math.randomseed(tonumber(args[2]))
  seen, hits = '', 0
  if args[3] == 'look' then response = look end
end

function request()
  return requests[math.random(#requests)]
end

local statuses = {}

function look(status, headers)
  statuses[status] = (statuses[status] or 0) + 1
  local cached = headers['cache-status'] or headers['x-cache'] or ''
  if cached:lower():find('hit', 1, true) then hits = hits + 1 end
  seen = ''
  for code, count in pairs(statuses) do seen = seen .. ',"' .. code .. '":' .. count end
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%f,"bytes":%d,"failed":%d,"refused":%d,"p50Ms":%f,"p99Ms":%f,"statuses":{%s},"hits":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failed, summary.errors.status,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, sender:get('seen'):sub(2), sender:get('hits')))
end
