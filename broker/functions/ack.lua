-- SPDX-License-Identifier: Apache-2.0
-- Takes the outcome of tasks: ACTIVE -> DONE, DEAD, CANCELLED, or back to QUEUED or DELAYED for a retry. Each one is
-- fenced by (attempt, session), so that its effect happens once; which retry policy holds is the broker's to say.

-- kr2_ack 1 P:c BROKER SMALL {SID N {ID CTL OUTCOME}*N}*     CTL: attempt(4) session(16) to(1) reason(1) delay(6)
-- SMALL 1: the bodies are known to be small, so that reading all records whole is cheaper than a header at a time.
-- `to` is a state; QUEUED means "failed: retry if one is left".
-- Returns one byte a task: 'o' done; 'W' done and the calling broker waits for it; 'x' dead, 'y' cancelled, 'X' and 'Y' the
-- same and it waits; 'r' will run again; 'p' unchanged: a retry is left, apply the policy and ack anew with DELAYED or DEAD;
-- 'd' said before; 's' stale. With DONE, `delay` is the number of parts that the result lies in (P:v:ID:ATTEMPT).
register('ack', function(c, p, a)
  local ts = now()
  local ts6 = pack('>I6', ts)
  local self, out, news = a[1], {}, {}
  local done, released, requeued, freed, later = 0, 0, 0, 0, {}
  local t, front = p .. ':t:', '\1\4\0' .. ts6
  local moved = {}       -- in this very call: what was read before is stale
  local ttls, keep, with_result = nil, '0', true
  local ctl, fence, to, parts1, parts2      -- mostly the same for a whole call
  local i = 3
  while i < #a do
    local sid, n = a[i], tonumber(a[i + 1])
    local ids, keys, records = {}, {}, nil
    i = i + 2
    for k = 1, n do keys[k] = t .. a[i + 3 * k - 3] end
    if a[2] == '1' then records = call('MGET', unpack(keys)) end
    for k = 1, n do
      local j, key = i + 3 * k - 3, keys[k]
      local id, h = a[j], nil
      if a[j + 1] ~= ctl then
        ctl = a[j + 1]
        fence = sub(ctl, 1, 20)
        to, parts1, parts2 = byte(ctl, 21), byte(ctl, 27, 28)
      end
      if records and not moved[id] then h = records[k] or '' else h = call('GETRANGE', key, '0', '93') end
      moved[id] = true
      if byte(h, 2) ~= ACTIVE or find(h, fence, 10, true) ~= 10 then
        local ended = #h >= HEAD and byte(h, 2) >= DONE and sub(h, 10, 13) == sub(ctl, 1, 4)
        out[#out + 1] = ended and 'd' or 's'
      elseif to == DONE then
        if not ttls or find(h, ttls, 75, true) ~= 75 then
          ttls = sub(h, 75, 86)
          keep, with_result = keep_of(h)
          keep = tostring(keep)
        end
        local record, flags, told = front .. sub(h, 10, 89) .. '\0\0\0\0\0' .. a[j + 2], byte(h, 40), 'o'
        if flags > F_WAITER + F_WAITERS + F_CANCEL then
          freed = freed + left(c, p, key, h)
          gone(p, id, key, h)
          task_event(DONE, id, h)
        end
        if parts1 + parts2 > 0 then
          local parts = p .. ':v:' .. id .. ':' .. decode('>I4', ctl, 1)
          if with_result then call('PEXPIRE', parts, keep) else call('UNLINK', parts) end
        end
        call('SET', key, with_result and record or sub(record, 1, HEAD), 'PX', keep)
        ids[#ids + 1] = id
        done = done + 1
        if flags ~= 0 and news_add(news, p, id, h, record, self) then told = 'W' end
        out[#out + 1] = told
      else
        local retries, most = decode('>I2', h, 38), decode('>I2', h, 88)
        local stop = band(byte(h, 40), F_CANCEL) ~= 0
        if to == QUEUED and retries < most and not stop then
          out[#out + 1] = 'p'
        elseif to == DELAYED and retries < most and not stop then
          local delay = decode('>I6', ctl, 23)
          local state = delay > 0 and DELAYED or QUEUED
          if byte(h, 40) ~= 0 then
            freed = freed + left(c, p, key, h)
            task_event(H_RETRY, id, h, byte(ctl, 22))
            if band(byte(h, 40), F_EXTRA) ~= 0 then call('SETRANGE', key, HEAD, '\0') end      -- starts by the rate again
          end
          call('SETRANGE', key, 1, span_idle(h, state, ts, decode('>I2', h, 36), retries + 1))
          if delay > 0 then later[#later + 1] = ts + delay; later[#later + 1] = id
          else put(c, p, id, key, h); requeued = requeued + 1 end
          ids[#ids + 1] = id
          out[#out + 1] = 'r'
        else
          local record, told, why = nil, 'X', nil
          if byte(h, 40) ~= 0 then freed = freed + left(c, p, key, h) end
          if to == CANCELLED or stop then record, why = cancelled(c, p, id, h, ts, a[j + 2]); told = 'Y'
          else record = dead(c, p, id, ts, byte(ctl, 22), a[j + 2]) end
          ids[#ids + 1] = id
          -- Why it was cancelled is not in what this broker was told by the worker: it hears of it like the others.
          out[#out + 1] = news_add(news, p, id, h, record, not why and self or nil) and told or told:lower()
        end
      end
    end
    released = released + #ids
    unlease(p, sid, ids)
    i = i + 3 * n
  end

  if released > 0 then call('HINCRBY', c, 'active', -released) end
  if done > 0 then call('HINCRBY', c, 'done', done) end
  if requeued > 0 then call('HINCRBY', c, 'queued', requeued) end
  if requeued + freed > 0 then wake(p, requeued + freed) end
  schedule(p, later)
  news_send(news)
  return table.concat(out)
end, {'allow-oom'})
