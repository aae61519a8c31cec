-- SPDX-License-Identifier: Apache-2.0
-- What clients ask: the result of a task, its end, the depth of the queue. Cancel lives here because it is the same
-- walk over records; how a running task is stopped is the broker's and the worker's business.

local DIGIT = {'1', '2', '3', '4', '5', '6'}

local function expired(h, ts)
  return byte(h, 2) <= DELAYED and band(byte(h, 62), C_EXPIRES) ~= 0 and decode('>I6', h, 69) <= ts
end

-- kr2_wait 1 P:c BROKER ID*
-- Returns for each the record if it ended, else its state as one digit after the broker was put down as waiting,
-- else '' for unknown. BROKER '' only looks.
register('wait', function(c, p, a)
  local ts, broker, out, news = now(), a[1], {}, {}
  for i = 2, #a do
    local id = a[i]
    local key = p .. ':t:' .. id
    local h = head(key)
    if not h then
      out[#out + 1] = ''
    elseif byte(h, 2) >= DONE then
      out[#out + 1] = call('GET', key)
    elseif expired(h, ts) then
      unqueue(c, p, id, h)
      local record = dead(c, p, id, ts, R_EXPIRED, '')
      news_add(news, p, id, h, record, broker)
      out[#out + 1] = record
    else
      local flags = byte(h, 40)
      if broker ~= '' and sub(h, 41, 48) ~= broker then
        if band(flags, F_WAITER) == 0 then
          call('SETRANGE', key, '39', char(bor(flags, F_WAITER)) .. broker)
        else
          call('SADD', p .. ':w:' .. id, broker)
          call('PEXPIRE', p .. ':w:' .. id, 86400000)
          if band(flags, F_WAITERS) == 0 then call('SETRANGE', key, 39, char(bor(flags, F_WAITERS))) end
        end
      end
      out[#out + 1] = DIGIT[byte(h, 2)]
    end
  end
  news_send(news)
  return out
end, {'allow-oom'})

-- kr2_peek 1 P:c ID*      The records as they are, '' for unknown.
register('peek', function(c, p, a)
  local out = {}
  for i = 1, #a do out[i] = call('GET', p .. ':t:' .. a[i]) or '' end
  return out
end, {'allow-oom'})

-- kr2_cancel 1 P:c RUNNING {ID | ID LF LENGTH(1) ENDED WHY}*
-- ENDED and WHY are two halves of an Outcome for whoever asks later: when it ended, which holds if it does so now, and why. What runs
-- keeps WHY in P:y:ID until it has stopped.
-- Returns for each the state after the call as one digit, for an ACTIVE one followed by session(16) attempt(4) if
-- RUNNING is 1 (it carries the wish until it ends), and '' for unknown.
register('cancel', function(c, p, a)
  local ts, out, news = now(), {}, {}
  for i = 2, #a do
    local id, ended, why = a[i], '', nil
    local lf = find(id, '\n', 1, true)
    if lf then
      local n = byte(id, lf + 1)
      id, ended, why = sub(id, 1, lf - 1), sub(id, lf + 2), sub(id, lf + 2 + n)
    end
    local key = p .. ':t:' .. id
    local h = head(key)
    if not h then
      out[#out + 1] = ''
    elseif byte(h, 2) <= DELAYED then
      unqueue(c, p, id, h)
      news_add(news, p, id, h, (cancelled(c, p, id, h, ts, ended)))
      out[#out + 1] = DIGIT[CANCELLED]
    elseif byte(h, 2) == ACTIVE and a[1] == '1' then
      call('SETRANGE', key, 39, char(bor(byte(h, 40), F_CANCEL)))
      if why then call('SET', p .. ':y:' .. id, why, 'PX', '86400000') end
      out[#out + 1] = DIGIT[ACTIVE] .. sub(h, 14, 29) .. sub(h, 10, 13)
    else
      out[#out + 1] = DIGIT[byte(h, 2)]
    end
  end
  news_send(news)
  return out
end, {'allow-oom'})

-- kr2_stats 1 P:c      Returns {QUEUED DELAYED ACTIVE DEAD OLDEST_MS PAUSED DONE DIED CANCELLED}; all O(1).
register('stats', function(c, p)
  local ts = now()
  local n = call('HMGET', c, 'queued', 'active', 'paused', 'done', 'died', 'cancelled')
  local age = tonumber(call('HGET', c, 'dlq_age_ms') or 604800000)
  call('ZREMRANGEBYSCORE', p .. ':x', '-inf', ts - age)
  local oldest = 0
  for prio = 0, 9 do
    local id = call('LINDEX', p .. ':r:' .. prio, 0)
    local h = id and head(p .. ':t:' .. id)
    if h and byte(h, 2) == QUEUED then oldest = math.max(oldest, ts - decode('>I6', h, 55)) end
  end
  return {tonumber(n[1] or 0), call('ZCARD', p .. ':d'), tonumber(n[2] or 0), call('ZCARD', p .. ':x'), oldest,
    n[3] and 1 or 0, tonumber(n[4] or 0), tonumber(n[5] or 0), tonumber(n[6] or 0)}
end, {'allow-oom'})
