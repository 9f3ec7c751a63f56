# frozen_string_literal: true

# An adapter for corspec: JSON lines on standard input and output, and a server for each policy.
#
# Replace the parts marked `Your software`; keep the rest. What is printed for people goes to standard error.

require "json"
require "pathname"
require "socket"
require "uri"

# Your software: who it is. The version is that of the installed gem: Gem.loaded_specs["gem"].version.to_s.
HELLO = {
  name: "my-cors",
  version: RUBY_VERSION,
  language: "Ruby",
  package: "my-cors",
  homepage: "https://my-cors.example/",
  # What it can express.
  knobs: %w[origins.none max_age.absent application]
}.freeze

# Your software: an answer from a request, a policy and the application behind. Here: one origin, no preflights.
def middleware(policy, request)
  origin = request[:headers]["origin"]
  preflight = request[:method] == "OPTIONS" && origin && request[:headers].key?("access-control-request-method")
  status, headers, body = preflight ? [204, [], [""]] : application(request)
  headers << ["Vary", "Origin"]
  headers << ["Access-Control-Allow-Origin", origin] if origin && policy["origins"].include?(origin)
  [status, headers, body]
end

COMMON = [
  ["Content-Type", "text/plain"],
  ["Cache-Control", "max-age=60"],
  ["ETag", '"v1"'],
  ["Set-Cookie", "session=1"],
  ["X-App", "corspec"],
  ["X-Request-Id", "42"],
  ["X-Secret", "s"]
].freeze

# The fixed application: status, headers, and the body in the pieces it is sent in.
def application(request)
  path = Pathname.new(URI::DEFAULT_PARSER.unescape(request[:target].split("?", 2).first.to_s)).cleanpath.to_s
  plain = [200, COMMON.dup, ["plain\n"]]
  case path
  when "/plain"
    return [304, COMMON.dup, [""]] if request[:headers]["if-none-match"] == '"v1"'
    return [206, COMMON + [["Content-Range", "bytes 0-1/6"]], ["pl"]] if request[:headers]["range"] == "bytes=0-1"

    plain
  when "/status/200", %r{\A/area/} then plain
  when %r{\A/status/[2-5]\d\d\z} then [path[-3..].to_i, COMMON.dup, [""]]
  when "/redirect" then [302, COMMON + [["Location", "/plain"]], [""]]
  when "/vary" then [200, COMMON + [["Vary", "Accept-Encoding"]], ["plain\n"]]
  when "/cors" then [200, COMMON + [["Access-Control-Allow-Origin", "https://own.example"]], ["plain\n"]]
  when "/stream" then [200, COMMON.dup, ["one\n", "two\n", "three\n"]]
  when "/echo" then [200, COMMON.dup, ["#{request[:method]} #{request[:body]}"]]
  else [404, COMMON.dup, [""]]
  end
end

# Answers the requests of a connection until it is closed.
def converse(socket, policy)
  socket.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
  while (line = socket.gets)
    method, target = line.split
    headers = {}
    while (line = socket.gets&.chomp) && !line.empty?
      name, value = line.split(":", 2)
      headers[name.downcase] = value.to_s.strip
    end
    body = socket.read(headers["content-length"].to_i).to_s
    status, lines, pieces = middleware(policy, { method:, target:, headers:, body: })
    chunked = pieces.length > 1
    bodiless = [204, 304].include?(status)
    lines << ["Transfer-Encoding", "chunked"] if chunked
    lines << ["Content-Length", pieces.first.bytesize] unless chunked || bodiless
    socket.write("HTTP/1.1 #{status} -\r\n", *lines.map { |name, value| "#{name}: #{value}\r\n" }, "\r\n")
    unless method == "HEAD" || bodiless
      pieces.each { |piece| socket.write(chunked ? "#{piece.bytesize.to_s(16)}\r\n#{piece}\r\n" : piece) }
      socket.write("0\r\n\r\n") if chunked
    end
    break if headers["connection"]&.casecmp?("close")
  end
rescue StandardError => e
  warn(e.full_message)
ensure
  socket.close
end

# The knobs a policy needs.
def needed(policy)
  origins = policy["origins"]
  any = policy["credentials"] ? "any-with-credentials" : "any"
  knobs = []
  if origins == "*"
    knobs << "origins.#{any}"
  else
    knobs << "origins.none" if origins.empty?
    knobs << "origins.list" if origins.length > 1
    knobs << "origins.null" if origins.include?("null")
    knobs << "origins.subdomains" if origins.any? { |origin| origin.include?("://*.") }
  end
  knobs << "credentials" if policy["credentials"]
  %w[methods request_headers expose].each do |field|
    list = policy.fetch(field, [])
    knobs << "#{field}.#{list == "*" ? any : "list"}" unless list.empty?
  end
  knobs << { nil => "max_age.absent", 0 => "max_age.zero" }.fetch(policy["max_age"], "max_age")
  knobs << "routes" unless policy.fetch("routes", []).empty?
  knobs
end

def serve(policy)
  lacking = needed(policy) - HELLO[:knobs]
  return { unsupported: lacking } unless lacking.empty?

  # Your software: what it refuses is answered by {refused: "its own message"}.
  server = TCPServer.new("127.0.0.1", 0)
  Thread.new { loop { Thread.new(server.accept) { |socket| converse(socket, policy) } } }
  { base_url: "http://127.0.0.1:#{server.addr[1]}/" }
end

def answer(request)
  case request["op"]
  when "hello" then HELLO
  when "serve" then serve(request["policy"])
  when "stop" then {}
  else { error: "there is no op #{request["op"]}" }
  end
end

$stdout.sync = true
$stdin.each_line do |line|
  request = {}
  reply = begin
    request = JSON.parse(line)
    answer(request)
  rescue StandardError => e
    { error: e.full_message(highlight: false) }
  end
  puts(JSON.generate(reply))
  break if request["op"] == "stop"
end
