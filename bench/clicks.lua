-- Clicks on links in turn, each by a visitor of its own, so that none is flagged as a repetition.
-- usage: wrk -s bench/clicks.lua URL -- FILE-OF-PATHS
local paths, sent = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    paths[#paths + 1] = "GET " .. line .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port ..
      "\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n" ..
      "Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://board.example/jobs\r\nSec-Fetch-Mode: navigate\r\n" ..
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0 "
  end
  sent = os.time() % 100000 * 1000000
end

function request()
  sent = sent + 1
  return paths[sent % #paths + 1] .. sent .. "\r\n\r\n"
end
