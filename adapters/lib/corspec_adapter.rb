# frozen_string_literal: true

# What every adapter in Ruby shares: the protocol, the knobs of a policy, the fixed application.
#
# An adapter calls Corspec.run with what it is and a block that puts a policy into force; see ../README.md.

require 'json'
require 'rack'

module Corspec
  SAFELISTED_METHODS = %w[GET HEAD POST].freeze

  # The software has no way to express these knobs, found out while it was configured.
  class Unsupported < StandardError
    attr_reader :knobs

    def initialize(*knobs)
      super(knobs.join(', '))
      @knobs = knobs
    end
  end

  # The software refuses the policy, with its own words.
  class Refused < StandardError; end

  module_function

  # Speaks the protocol until `stop` or the end of stdin.
  #
  # The version is that of the installed package of Debian. `knobs`: what the software can express.
  # The block is given a policy, listens on 127.0.0.1 and returns the port.
  def run(name:, package:, homepage:, knobs:, &serve)
    # Nothing but answers may reach stdout, whatever the software prints.
    answers = $stdout.dup
    $stdout.reopen($stderr)
    about = { name: name, language: 'Ruby', package: package, homepage: homepage, knobs: knobs }
    $stdin.each_line do |line|
      next if line.strip.empty?

      request = {}
      begin
        request = without_null(JSON.parse(line))
        answer = answer_to(request, about, serve)
      rescue Unsupported => e
        answer = { unsupported: e.knobs }
      rescue Refused => e
        answer = { refused: e.message }
      rescue StandardError => e
        warn e.full_message
        answer = { error: "#{e.class}: #{e.message}" }
      end
      answers.puts JSON.generate(answer)
      answers.flush
      break if request['op'] == 'stop'
    end
    # The listeners are threads of this process: nothing to wait for.
    exit!(true)
  end

  def answer_to(request, about, serve)
    case request['op']
    when 'hello'
      return { error: "protocol #{request['protocol']} is not known here, only 1" } unless request['protocol'] == 1

      { **about, version: IO.popen(['dpkg-query', '-W', '-f', '${Version}', about[:package]], &:read) }
    when 'serve'
      lacking = needs(request['policy'], about[:knobs]) - about[:knobs]
      return { unsupported: lacking } unless lacking.empty?

      { base_url: "http://127.0.0.1:#{serve.call(request['policy'])}/" }
    when 'stop' then {}
    else { error: "no operation is called #{request['op'].inspect}" }
    end
  end

  # Around the software's configuration: what it raises is its own refusal, not a fault of the adapter.
  def refusable
    yield
  rescue Unsupported
    raise
  rescue StandardError => e
    raise Refused, e.message
  end

  # A member that is null is one that is absent.
  def without_null(value)
    case value
    when Hash then value.compact.transform_values { |member| without_null(member) }
    when Array then value.map { |element| without_null(element) }
    else value
    end
  end

  # The knobs a policy asks for, those of its routes included.
  def needs(policy, knobs)
    any = policy['credentials'] ? '.any-with-credentials' : '.any'
    origins = policy['origins']
    needed = []
    needed << 'credentials' if policy['credentials']
    if origins == '*'
      needed << "origins#{any}"
    else
      needed << 'origins.list' if origins.length > 1
      needed << 'origins.null' if origins.include?('null')
      needed << 'origins.subdomains' if origins.any? { |origin| subdomains?(origin) }
    end
    %w[methods request_headers expose].each do |dimension|
      allowed = policy.fetch(dimension, [])
      # "None" is out of reach of software that always allows any.
      always_any = knobs.any? { |knob| knob.start_with?("#{dimension}.any") }
      needed << "#{dimension}#{any}" if allowed == '*'
      needed << "#{dimension}.list" if allowed != '*' && (always_any || !allowed.empty?)
    end
    needed << { nil => 'max_age.absent', 0 => 'max_age.zero' }.fetch(policy['max_age'], 'max_age')
    policy.fetch('routes', []).each { |route| needed.push('routes', *needs(route['policy'], knobs)) }
    needed.uniq
  end

  # Whether an entry of `origins` stands for the subdomains of a host.
  def subdomains?(origin)
    origin.include?('://*.')
  end

  # The anchored expression for `https://*.example.com`: subdomains at any depth, same scheme and port.
  def subdomains(origin)
    scheme, host = origin.split('://*.')
    %r{\A#{Regexp.escape(scheme)}://(?:[a-z0-9_-]+\.)+#{Regexp.escape(host)}\z}
  end

  # The methods for software whose list holds the safelisted ones too.
  def methods_of(policy)
    SAFELISTED_METHODS | policy.fetch('methods', [])
  end

  # ------------------------------------------------------------------------------------------- the fixed application

  HEADERS = {
    'Content-Type' => 'text/plain', 'Cache-Control' => 'max-age=60', 'ETag' => '"v1"', 'Set-Cookie' => 'session=1',
    'X-App' => 'corspec', 'X-Request-Id' => '42', 'X-Secret' => 's'
  }.freeze

  # The fixed application, for Rack.
  APPLICATION = lambda do |env|
    path = resolve(Rack::Utils.unescape_path(env['PATH_INFO']))
    case path
    when %r{\A/status/([2-5]\d\d)\z} then answer(Regexp.last_match(1).to_i, path == '/status/200' ? "plain\n" : '')
    when %r{\A/area/} then answer(200, "plain\n")
    when '/plain' then plain(env)
    when '/redirect' then answer(302, '', 'Location' => '/plain')
    when '/vary' then answer(200, "plain\n", 'Vary' => 'Accept-Encoding')
    when '/cors' then answer(200, "plain\n", 'Access-Control-Allow-Origin' => 'https://own.example')
    when '/stream' then [200, HEADERS.dup, %W[one\n two\n three\n].each]
    when '/echo' then answer(200, "#{env['REQUEST_METHOD']} #{env['rack.input'].read}")
    else answer(404, '')
    end
  end

  def plain(env)
    return answer(304, '') if env['HTTP_IF_NONE_MATCH'] == '"v1"'
    return answer(206, 'pl', 'Content-Range' => 'bytes 0-1/6') if env['HTTP_RANGE'] == 'bytes=0-1'

    answer(200, "plain\n")
  end

  def answer(status, text, more = {})
    bodiless = Rack::Utils::STATUS_WITH_NO_ENTITY_BODY.include?(status)
    [status, { **HEADERS, **more }, bodiless ? [] : [text]]
  end

  # The path with its dot segments removed.
  def resolve(path)
    resolved = []
    segments = path.split('/', -1).drop(1)
    segments.each_with_index do |segment, index|
      resolved.pop if segment == '..'
      if !['.', '..'].include?(segment)
        resolved << segment
      elsif index == segments.length - 1
        resolved << ''
      end
    end
    "/#{resolved.join('/')}"
  end
end
