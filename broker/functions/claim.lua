-- SPDX-License-Identifier: Apache-2.0
-- Hands ready tasks to sessions: QUEUED -> ACTIVE, and DELAYED -> QUEUED for what has come due on the way. A task is
-- popped and leased in the same call, so nothing is ever in nobody's hands.

local SCAN = 4096          -- ids looked at by one call: tombstones of cancelled tasks cost no more than this
local BYTES = 4194304      -- stop after this many bytes of records
local SMALL = 1024         -- records up to this size are written whole, many in one call

-- DELAYED -> QUEUED. Returns ms until the next is due, or -1.
local function promote(c, p, ts)
  local z = p .. ':d'
  local first = call('ZRANGE', z, 0, 0, 'WITHSCORES')[2]
  if not first then return -1 end
  if tonumber(first) > ts then return tonumber(first) - ts end
  local ids = call('ZRANGE', z, '-inf', ts, 'BYSCORE', 'LIMIT', 0, 256)
  local n = 0
  for _, id in ipairs(ids) do
    local key = p .. ':t:' .. id
    local h = head(key)
    if h and byte(h, 2) == DELAYED then
      call('SETRANGE', key, 1, char(QUEUED, 0) .. pack('>I6', ts))
      call('RPUSH', p .. ':r:' .. byte(h, 61), id)
      n = n + 1
    end
  end
  call('ZREM', z, unpack(ids))
  if n > 0 then call('HINCRBY', c, 'queued', n) end
  first = call('ZRANGE', z, 0, 0, 'WITHSCORES')[2]
  return first and math.max(tonumber(first) - ts, 0) or -1
end

-- Pops up to want claimable tasks, best priority first, as {id, key, record}*; expired ones die here.
-- chunk: ids popped and read at a time, few where large tasks were seen. Also returns how many left the lists in state
-- QUEUED, and whether it stopped before the lists were empty or want met.
local function take(c, p, ts, want, chunk)
  local tasks, popped, scanned, bytes, news, seen, empty = {}, 0, 0, 0, {}, {}, false
  local r = p .. ':r:'
  while #tasks < 3 * want and scanned < SCAN and bytes < BYTES do
    local got = call('LMPOP', '10', r .. '9', r .. '8', r .. '7', r .. '6', r .. '5', r .. '4', r .. '3',
        r .. '2', r .. '1', r .. '0',
        'LEFT', 'COUNT', math.min(want - #tasks / 3, chunk))
    if not got then empty = true; break end
    local ids, keys = got[2], {}
    for i = 1, #ids do keys[i] = p .. ':t:' .. ids[i] end
    local records = call('MGET', unpack(keys))
    for i = 1, #ids do
      local rec = records[i]
      if rec and byte(rec, 2) == QUEUED and not seen[ids[i]] then      -- a tombstone may name it twice
        seen[ids[i]] = true
        popped = popped + 1
        local control = byte(rec, 62)
        if control ~= 0 and band(control, C_EXPIRES) ~= 0 and decode('>I6', rec, 69) <= ts then
          news_add(news, p, ids[i], rec, dead(c, p, ids[i], ts, R_EXPIRED, ''))
        else
          local n = #tasks
          tasks[n + 1], tasks[n + 2], tasks[n + 3] = ids[i], keys[i], rec
        end
        bytes = bytes + #rec
      end
    end
    scanned = scanned + #ids
  end
  news_send(news)
  return tasks, popped, not empty and #tasks < 3 * want
end

-- False when the session was declared dead: it gets nothing here, ever again.
local function enlist(p, sid, deadline)
  if call('ZADD', p .. ':ls', deadline, sid) == 1 and call('EXISTS', p .. ':f:' .. sid) == 1 then
    call('ZREM', p .. ':ls', sid)
    return false
  end
  return true
end

-- kr1_claim 1 P:c BROKER TTL {SID MAX}*
-- Returns {NEXT, NOW, {N {ID RECORD}*N}* one a session}: NEXT is ms until this partition wants another look (a delayed
-- task, a session's deadline), -1 for none, -2 for at once because there is more than one call may look at; N is -1 for a
-- fenced session; RECORD is as it was, so its attempt is one too low.
-- A broker that got less than it asked for stands in P:h until somebody wakes it.
register('claim', function(c, p, a)
  local ts = now()
  local broker, deadline = a[1], ts + a[2]
  local want = 0
  for i = 4, #a, 2 do want = want + a[i] end
  local nxt = promote(c, p, ts)
  local tasks, popped, cut = {}, 0, false
  local cfg = call('HMGET', c, 'paused', 'big')
  if want > 0 and not cfg[1] then tasks, popped, cut = take(c, p, ts, want, cfg[2] and 2 or 256) end

  local out, at, given = {0, ts}, 1, 0
  local front, sets = '\3\0' .. pack('>I6', ts), {}
  for i = 3, #a, 2 do
    local sid, max = a[i], tonumber(a[i + 1])
    local count = #out + 1
    out[count] = 0
    if at < #tasks and max > 0 then
      if enlist(p, sid, deadline) then
        local rest = sid .. Z6
        local leases, n = {}, 0
        while n < max and at < #tasks do
          local id, key, rec = tasks[at], tasks[at + 1], tasks[at + 2]
          local span = front .. pack('>I4', decode('>I4', rec, 10) + 1) .. rest
          if #rec <= SMALL then sets[#sets + 1], sets[#sets + 2] = key, '\1' .. span .. sub(rec, 36)
          else call('SETRANGE', key, '1', span) end
          n = n + 1
          leases[n] = id
          out[#out + 1], out[#out + 2] = id, rec
          at = at + 3
        end
        call('SADD', p .. ':l:' .. sid, unpack(leases))
        out[count] = n
        given = given + n
      else
        out[count] = -1
      end
    end
  end
  if #sets > 0 then call('MSET', unpack(sets)) end
  for i = #tasks - 2, at, -3 do      -- only a fenced session leaves some
    call('LPUSH', p .. ':r:' .. byte(tasks[i + 2], 61), tasks[i])
    popped = popped - 1
  end

  local left = 0
  if popped > 0 then left = call('HINCRBY', c, 'queued', -popped) end
  if given > 0 then call('HINCRBY', c, 'active', given) end
  if cut then
    nxt = -2
  elseif given < want then
    local h = p .. ':h'
    call('SADD', h, broker)
    call('PEXPIRE', h, 86400000)
    local first = call('ZRANGE', p .. ':ls', 0, 0, 'WITHSCORES')[2]
    if first then
      first = math.max(tonumber(first) - ts, 0)
      if nxt < 0 or first < nxt then nxt = first end
    end
  else
    call('SREM', p .. ':h', broker)
    if left > 0 then wake(p, 1) end
  end
  out[1] = nxt
  return out
end, {'allow-oom'})

-- kr1_wake 1 P:c        A broker that was woken and has no room passes it on.
register('wake', function(c, p)
  if tonumber(call('HGET', c, 'queued') or 0) > 0 or call('EXISTS', p .. ':d') == 1 then wake(p, 1) end
  return 0
end, {'allow-oom'})
