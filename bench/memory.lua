-- Searches for one of QUESTIONS words, and after each a click on the first link that it showed.
local questions, link
local agent = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"

function init(args)
  questions = tonumber(args[1])
  math.randomseed(tonumber(args[2]))
end

function request()
  if link then
    local click = link
    link = nil
    return wrk.format("GET", click, {["User-Agent"] = agent})
  end
  -- Squared: some words are asked for often, most seldom.
  local word = math.floor(math.random() ^ 2 * questions)
  return wrk.format("GET", "/v1/search?per_page=5&q=nurse%20w" .. word, {["User-Agent"] = agent})
end

function response(status, headers, body)
  link = string.match(body, '"url":%s*"http://[^/"]+(/c/[^"]+)"')
end
