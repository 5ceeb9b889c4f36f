-- One app's sliding logs, shared by every process that calls with the app. The twin of window.py; called by quota_redis.py.
--
-- Keys, all beginning with KEYS[1]:
--   :log:<scope>/<window>  hash: taken; t<lane>, u<lane> (taken by a lane, when it was last answered); b<bucket>:<lane>; seeded
--   :due:<scope>/<window>  list of <bucket>:<lane>, first due first; a bucket is a grain of the window
--   :flight                sorted set of calls without a reply yet, "<id>|<lane>|<log>,<log>…" by when we give them up
--   :bans, :probes         hashes: scope -> end of its ban; scope -> the one call that tries after it
-- Moments are microseconds. ARGV: verb, the moment (0: this server's time), then what the verb takes.

local prefix, verb, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local GRAINS, IN_USE_US, LANES = 2000, 600 * 1000000, 4
local MOST_WAIT_US, PROBE_WAIT_US = 1000000, 50000 -- until we ask again where only a reply can tell
local flight, bans, probes = prefix .. ':flight', prefix .. ':bans', prefix .. ':probes'

local function whole(number)
  return string.format('%.0f', number) -- Lua itself would write 1.7e+15
end

local function window_of(log)
  return tonumber(log:match('/(%d+)$'))
end

local function grain_of(log)
  return math.max(1, math.floor(window_of(log) / GRAINS))
end

local function keys_of(log)
  return prefix .. ':log:' .. log, prefix .. ':due:' .. log
end

local function count(log, lane, calls)
  local counts = keys_of(log)
  redis.call('HINCRBY', counts, 'taken', calls)
  redis.call('HINCRBY', counts, 't' .. lane, calls)
end

-- Lets calls that are counted fall due one window after their reply.
local function fall_due(log, lane, answered, calls)
  local counts, due = keys_of(log)
  local bucket = whole(math.floor((answered + window_of(log)) / grain_of(log)) + 1) .. ':' .. lane
  if redis.call('HINCRBY', counts, 'b' .. bucket, calls) == calls then
    redis.call('RPUSH', due, bucket)
  end
  redis.call('HSET', counts, 'u' .. lane, whole(answered))
end

local function due_at(log, bucket)
  return tonumber(bucket:match('^%d+')) * grain_of(log)
end

local function forget(log)
  local counts, due = keys_of(log)
  local bucket = redis.call('LINDEX', due, 0)
  while bucket and due_at(log, bucket) <= now do
    redis.call('LPOP', due)
    count(log, bucket:match('%d$'), -tonumber(redis.call('HGET', counts, 'b' .. bucket) or 0))
    redis.call('HDEL', counts, 'b' .. bucket)
    bucket = redis.call('LINDEX', due, 0)
  end
end

local function each_log(mark, act)
  local lane, logs = mark:match('|(%d)|(.*)$')
  for log in logs:gmatch('[^,]+') do
    act(log, lane)
  end
end

local function settle(mark, answered)
  each_log(mark, function(log, lane) fall_due(log, lane, answered, 1) end)
end

-- A process that died with calls in flight: they count as answered when we give them up.
local function give_up()
  for _, mark in ipairs(redis.call('ZRANGEBYSCORE', flight, '-inf', whole(now), 'LIMIT', 0, 200)) do
    settle(mark, tonumber(redis.call('ZSCORE', flight, mark)))
    redis.call('ZREM', flight, mark)
  end
end

-- Returns the room of a log for a lane, or nil when the log is new: then the record of calls must be booked first.
local function room(log, limit, kept, lane, expected)
  forget(log)
  local counts = keys_of(log)
  local found = redis.call('HMGET', counts, 'seeded', 'taken', 't1', 't2', 't3', 't4', 'u1', 'u2', 'u3', 'u4')
  if not found[1] then
    return nil
  end
  local left = limit - tonumber(found[2] or 0)
  local since = now - math.max(IN_USE_US, window_of(log))
  for other = 1, LANES do
    local in_use = expected:sub(other, other) == '1' or tonumber(found[6 + other] or -1) > since
    if other ~= lane and in_use then
      left = left - math.max(0, kept[other] - tonumber(found[2 + other] or 0))
    end
  end
  return left
end

local function read_logs(from)
  local logs = {}
  for at = from, #ARGV, 6 do
    local kept = {}
    for lane = 1, LANES do
      kept[lane] = tonumber(ARGV[at + 1 + lane])
    end
    logs[#logs + 1] = { name = ARGV[at], limit = tonumber(ARGV[at + 1]), kept = kept }
  end
  return logs
end

local function wait_for(log)
  local _, due = keys_of(log)
  local bucket = redis.call('LINDEX', due, 0)
  return bucket and due_at(log, bucket) - now or math.min(window_of(log), MOST_WAIT_US)
end

-- Returns why a scope's ban holds a call up, for how long, or that the call would be the one that tries.
local function banned(scope)
  local ends = tonumber(redis.call('HGET', bans, scope) or nil)
  if not ends then
    return 0, false
  end
  if ends > now then
    return ends - now, false
  end
  local probe = redis.call('HGET', probes, scope)
  if probe and redis.call('ZSCORE', flight, probe) then
    return PROBE_WAIT_US, false
  end
  return 0, true
end

local function end_probes(mark, passed)
  local out = redis.call('HGETALL', probes)
  for at = 1, #out, 2 do
    if out[at + 1] == mark then
      redis.call('HDEL', probes, out[at])
      if passed and tonumber(redis.call('HGET', bans, out[at]) or 0) <= now then
        redis.call('HDEL', bans, out[at])
      end
    end
  end
end

local verbs = {}

-- lane, expected lanes, seconds in flight, mark, number of scopes, scopes, logs (name, limit, 4 × kept free)
function verbs.take()
  local lane, expected, flight_us, mark = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]
  local scopes, logs, trying = tonumber(ARGV[7]), read_logs(8 + tonumber(ARGV[7])), {}
  give_up()
  for at = 8, 7 + scopes do
    local wait, tries = banned(ARGV[at])
    if wait > 0 then
      return { 'shut', ARGV[at], whole(wait) }
    end
    if tries then
      trying[#trying + 1] = ARGV[at]
    end
  end
  for _, log in ipairs(logs) do
    local left = room(log.name, log.limit, log.kept, lane, expected)
    if not left then
      return { 'new', log.name, '0' }
    end
    if left <= 0 then
      return { 'shut', log.name, whole(wait_for(log.name)) }
    end
  end
  redis.call('ZADD', flight, whole(now + flight_us), mark)
  for _, log in ipairs(logs) do
    local counts, due = keys_of(log.name)
    count(log.name, lane, 1)
    redis.call('PEXPIRE', counts, whole(window_of(log.name) / 500 + 3600000))
    redis.call('PEXPIRE', due, whole(window_of(log.name) / 500 + 3600000))
  end
  for _, scope in ipairs(trying) do
    redis.call('HSET', probes, scope, mark)
  end
  return { 'go', mark, '0' }
end

-- mark, "1" if the gateway let it through. A mark we do not know was lost with this server's memory: it counts from now.
function verbs.answered()
  local mark = ARGV[3]
  if redis.call('ZREM', flight, mark) == 0 then
    each_log(mark, function(log, lane) count(log, lane, 1) end)
  end
  settle(mark, now)
  end_probes(mark, ARGV[4] == '1')
end

-- mark
function verbs.give_back()
  local mark = ARGV[3]
  if redis.call('ZREM', flight, mark) == 1 then
    each_log(mark, function(log, lane) count(log, lane, -1) end)
  end
  end_probes(mark, false)
end

-- scope, microseconds
function verbs.ban()
  local ends = math.max(now + tonumber(ARGV[4]), tonumber(redis.call('HGET', bans, ARGV[3]) or 0))
  redis.call('HSET', bans, ARGV[3], whole(ends))
end

-- log, then (answered, lane, calls)…: books the record of calls in a log that is new; whoever comes second changes nothing.
function verbs.seed()
  local log = ARGV[3]
  local counts = keys_of(log)
  if redis.call('HSETNX', counts, 'seeded', 1) == 0 then
    return
  end
  for at = 4, #ARGV, 3 do
    local answered, lane, calls = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
    if answered + window_of(log) > now then
      count(log, lane, calls)
      fall_due(log, lane, answered, calls)
    end
  end
end

-- expected lanes, then logs: returns the microseconds the app itself is banned, then each log's room for each lane.
function verbs.look()
  give_up()
  local told = { whole(math.max(0, tonumber(redis.call('HGET', bans, 'app') or 0) - now)) }
  for _, log in ipairs(read_logs(4)) do
    for lane = 1, LANES do
      local left = room(log.name, log.limit, log.kept, lane, ARGV[3])
      if not left then
        return { 'new', log.name, '0' }
      end
      told[#told + 1] = whole(math.max(0, left))
    end
  end
  return told
end

return verbs[verb]()
