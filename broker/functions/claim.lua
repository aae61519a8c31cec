-- SPDX-License-Identifier: Apache-2.0
-- Hands ready tasks to sessions: QUEUED -> ACTIVE, and DELAYED -> QUEUED for what has come due on the way. A task is
-- popped and leased in the same call, so nothing is ever in nobody's hands. Rates and caps are kept here: what may not
-- start now stays where it is, except that a task over the rate of its key gets its turn in P:d at once.

local SCAN = 4096          -- ids looked at by one call: tombstones of cancelled tasks cost no more than this
local BYTES = 4194304      -- stop after this many bytes of records

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
      put(c, p, id, key, h)
      n = n + 1
    end
  end
  call('ZREM', z, unpack(ids))
  if n > 0 then call('HINCRBY', c, 'queued', n) end
  first = call('ZRANGE', z, 0, 0, 'WITHSCORES')[2]
  return first and math.max(tonumber(first) - ts, 0) or -1
end

-- The next line to pop from and how many: a group, '' for the plain lists, nil when all are empty or capped.
-- f: fairness as read at the start; plain: plain tasks ready.
local function choose(c, p, f, plain, n)
  while true do
    local two = call('ZRANGE', p .. ':gz', 0, 1, 'WITHSCORES')
    local g, tag, second = two[1], tonumber(two[2]), tonumber(two[4]) or math.huge
    if plain > 0 and f.pt < f.vt then f.pt = f.vt + 1 end
    if plain > 0 and (not g or f.pt <= tag) then
      local k = math.min(n, plain, g and math.floor(tag - f.pt) + 1 or n)
      f.vt, f.pt = f.pt + k - 1, f.pt + k
      return '', k
    end
    if not g then return nil end
    local allowed = f.gl > 0 and f.gl - tonumber(call('HGET', p .. ':gc', g) or 0) or n
    if allowed > 0 then
      local w = weight_of(c, g)
      local other = plain > 0 and math.min(second, f.pt) or second
      local k = math.min(n, allowed, other < math.huge and math.floor((other - tag) * w) + 1 or n)
      f.vt = tag + (k - 1) / w
      call('ZADD', p .. ':gz', tag + k / w, g)
      return g, k
    end
    call('ZREM', p .. ':gz', g)
    call('SADD', p .. ':gb', g)
  end
end

local function pop_group(c, p, g, n)
  local got, ids = call('ZPOPMIN', p .. ':g:' .. g, n), {}
  for i = 1, #got, 2 do ids[#ids + 1] = got[i] end
  if #ids > 0 then call('HINCRBY', c, 'gq', -#ids) end
  group_empty(p, g)
  return ids
end

-- GCRA over the rate key, at its own rate or at the queue's. True: it may not start yet; its start is reserved in P:d, so that it is looked at only once more.
local function throttled(p, key, id, rec, ts, rate_key, lim)
  if byte(rec, HEAD + 1) == 1 then return false end
  local ms, burst = string.match(rate_key, '/(%d+)$'), 1
  if ms then ms = tonumber(ms) / 1000
  elseif lim and lim.key_ms then ms, burst = lim.key_ms, lim.key_burst
  else return false end
  local rl = p .. ':rl:' .. rate_key
  local tat = math.max(tonumber(call('GET', rl) or 0), ts)
  local due = tat - (burst - 1) * ms
  tat = tat + ms
  call('SET', rl, string.format('%.3f', tat), 'PX', math.ceil(tat - ts) + 1)
  if due <= ts then return false end
  call('SETRANGE', key, 1, char(DELAYED, 0) .. pack('>I6', ts))
  call('SETRANGE', key, HEAD, '\1')
  call('ZADD', p .. ':d', math.ceil(due), id)
  return true
end

-- Pops up to want claimable tasks, best first, as {id, key, record}*; expired ones die here.
-- chunk: ids popped and read at a time, few where large tasks were seen. Also returns how many left the lists in state
-- QUEUED, whether it stopped before the lists were empty or want met, and whether some wait for their rate's turn now.
local function take(c, p, ts, want, chunk, lim, grouped, queued)
  local tasks, popped, scanned, bytes, news, seen, empty, held = {}, 0, 0, 0, {}, {}, false, false
  local r, f = p .. ':r:', nil
  if grouped > 0 then
    local cfg = call('HMGET', c, 'vt', 'pt', 'gl')
    f = {vt = tonumber(cfg[1] or 0), pt = tonumber(cfg[2] or 0), gl = tonumber(cfg[3] or 0)}
  end
  while #tasks < 3 * want and scanned < SCAN and bytes < BYTES do
    local n, g, ids = math.min(want - #tasks / 3, chunk), '', nil
    if f then
      g, n = choose(c, p, f, queued - grouped, n)
      if not g then empty = true; break end
    end
    if g ~= '' then
      ids = pop_group(c, p, g, n)
      grouped, queued = grouped - #ids, queued - #ids
    else
      local got = call('LMPOP', '10', r .. '9', r .. '8', r .. '7', r .. '6', r .. '5', r .. '4', r .. '3',
          r .. '2', r .. '1', r .. '0', 'LEFT', 'COUNT', n)
      if not got then empty = true; break end
      ids = got[2]
    end
    local keys, before = {}, #tasks
    for i = 1, #ids do keys[i] = p .. ':t:' .. ids[i] end
    local records = #ids > 0 and call('MGET', unpack(keys)) or {}
    for i = 1, #ids do
      local rec, id = records[i], ids[i]
      if rec and byte(rec, 2) == QUEUED and not seen[id] then      -- a tombstone may name it twice
        seen[id] = true
        popped = popped + 1
        if g == '' then queued = queued - 1 end
        local control, late = byte(rec, 62), false
        if control ~= 0 then
          if band(control, C_EXPIRES) ~= 0 and decode('>I6', rec, 69) <= ts then
            late = true
            news_add(news, p, id, rec, dead(c, p, id, ts, R_EXPIRED, ''))
          elseif band(control, C_RATE) ~= 0 or lim and lim.key_ms and byte(rec, 40) >= F_EXTRA then
            local _, rate_key = extra_of(keys[i], rec)
            late = rate_key ~= '' and throttled(p, keys[i], id, rec, ts, rate_key, lim)
            held = held or late
          end
        end
        if not late then
          local at = #tasks
          tasks[at + 1], tasks[at + 2], tasks[at + 3] = id, keys[i], rec
        end
        bytes = bytes + #rec
      end
    end
    if g ~= '' and #tasks > before then call('HINCRBY', p .. ':gc', g, (#tasks - before) / 3) end
    scanned = scanned + #ids
  end
  if f then call('HSET', c, 'vt', f.vt, 'pt', f.pt) end
  news_send(news)
  return tasks, popped, not empty and #tasks < 3 * want, held
end

-- The limits of the queue, read only when it has some. Returns how many may start now, when the next may (ms, -1: when one
-- ends), and what take needs of them.
local function limits(c, ts, want)
  local v = call('HMGET', c, 'conc', 'active', 'rate', 'burst', 'tat', 'krate', 'kburst')
  local lim, nxt = {}, -1
  if v[1] then
    lim.conc = true
    want = math.max(math.min(want, tonumber(v[1]) - tonumber(v[2] or 0)), 0)
  end
  if v[3] then
    local ms, burst = 1000 / tonumber(v[3]), math.max(tonumber(v[4] or 1), 1)
    local tat = math.max(tonumber(v[5] or 0), ts)
    local free = math.floor((ts - tat) / ms + burst + 1e-6)
    if free < want then
      want = math.max(free, 0)
      nxt = math.ceil(tat - burst * ms + (want + 1) * ms - ts)
    end
    lim.ms, lim.tat = ms, tat
  end
  if v[6] then lim.key_ms, lim.key_burst = 1000 / tonumber(v[6]), math.max(tonumber(v[7] or 1), 1) end
  return want, nxt, lim
end

-- False when the session was declared dead: it gets nothing here, ever again.
local function enlist(p, sid, deadline)
  if call('ZADD', p .. ':ls', deadline, sid) == 1 and call('EXISTS', p .. ':f:' .. sid) == 1 then
    call('ZREM', p .. ':ls', sid)
    return false
  end
  return true
end

local function sooner(a, b)
  if a < 0 or b < 0 then return math.max(a, b) end
  return math.min(a, b)
end

-- kr2_claim 1 P:c BROKER TTL {SID MAX}*
-- Returns {NEXT, NOW, {N {ID RECORD}*N}* one a session}: NEXT is ms until this partition wants another look (a delayed
-- task, a session's deadline, a rate), -1 for none, -2 for at once because there is more than one call may look at; N is -1
-- for a fenced session; RECORD is as it was, so its attempt is one too low.
-- A broker that got less than it asked for stands in P:h until somebody wakes it.
register('claim', function(c, p, a)
  local ts = now()
  local broker, deadline = a[1], ts + a[2]
  local want = 0
  for i = 4, #a, 2 do want = want + a[i] end
  local nxt = promote(c, p, ts)
  local tasks, popped, cut, held = {}, 0, false, false
  local cfg = call('HMGET', c, 'paused', 'big', 'limits', 'gq', 'queued')
  local may, lim = want, nil
  if cfg[3] then
    local soon
    may, soon, lim = limits(c, ts, want)
    nxt = sooner(nxt, soon)
  end
  if may > 0 and not cfg[1] then
    tasks, popped, cut, held = take(c, p, ts, may, cfg[2] and 2 or 256, lim, tonumber(cfg[4] or 0), tonumber(cfg[5] or 0))
  end
  if held then
    local first = call('ZRANGE', p .. ':d', 0, 0, 'WITHSCORES')[2]
    if first then nxt = sooner(nxt, math.max(tonumber(first) - ts, 0)) end
  end

  local out, at, last, given = {0, ts}, 1, #tasks, 0
  local front = '\3\0' .. pack('>I6', ts)
  for i = 3, #a, 2 do
    local sid, max = a[i], tonumber(a[i + 1])
    local count = #out + 1
    out[count] = 0
    if at < #tasks and max > 0 then
      if enlist(p, sid, deadline) then
        local rest = sid .. Z6
        local leases, n, before, attempt, span = {}, 0, nil, nil, nil
        while n < max and at < last do
          local id, key, rec = tasks[at], tasks[at + 1], tasks[at + 2]
          if not before or find(rec, before, 10, true) ~= 10 then
            before = sub(rec, 10, 13)
            attempt = pack('>I4', decode('>I4', before) + 1)
            span = front .. attempt .. rest
          end
          call('SETRANGE', key, '1', span)
          local flags = byte(rec, 40)
          if lim and lim.conc then
            local more = char(bor(flags, F_CAPPED))
            rec = sub(rec, 1, 39) .. more .. sub(rec, 41)
            call('SETRANGE', key, '39', more)
          end
          if flags >= F_EVENTS and band(flags, F_EVENTS) ~= 0 then event(H_CLAIMED, id, attempt, 0, sid) end
          n = n + 1
          leases[n] = id
          out[count + 2 * n - 1], out[count + 2 * n] = id, rec
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
  for i = #tasks - 2, at, -3 do      -- only a fenced session leaves some
    left(c, p, tasks[i + 1], tasks[i + 2])
    put(c, p, tasks[i], tasks[i + 1], tasks[i + 2], true)
    popped = popped - 1
  end

  local rest = 0
  if popped > 0 then rest = call('HINCRBY', c, 'queued', -popped) end
  if given > 0 then
    call('HINCRBY', c, 'active', given)
    if lim and lim.ms then call('HSET', c, 'tat', string.format('%.3f', lim.tat + given * lim.ms)) end
  end
  if cut then
    nxt = -2
  elseif given < want then
    local h = p .. ':h'
    call('SADD', h, broker)
    call('PEXPIRE', h, 86400000)
    local first = call('ZRANGE', p .. ':ls', 0, 0, 'WITHSCORES')[2]
    if first then nxt = sooner(nxt, math.max(tonumber(first) - ts, 0)) end
  else
    call('SREM', p .. ':h', broker)
    if rest > 0 then wake(p, 1) end
  end
  out[1] = nxt
  return out
end, {'allow-oom'})

-- kr2_wake 1 P:c        A broker that was woken and has no room passes it on.
register('wake', function(c, p)
  if tonumber(call('HGET', c, 'queued') or 0) > 0 or call('EXISTS', p .. ':d') == 1 then wake(p, 1) end
  return 0
end, {'allow-oom'})
