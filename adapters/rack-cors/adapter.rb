# frozen_string_literal: true

# rack-cors, as its README shows: `use Rack::Cors do allow do origins …; resource …`.

require_relative '../lib/corspec_adapter'
require 'puma'
require 'rack/cors'

# The origins: strings as they are; what has no scheme, and subdomains, as expressions.
def origins_of(policy)
  return ['*'] if policy['origins'] == '*'

  policy['origins'].map do |origin|
    next Corspec.subdomains(origin) if Corspec.subdomains?(origin)

    origin == 'null' ? /\Anull\z/ : origin
  end
end

# The options of `resource` for a policy.
def options_of(policy)
  {
    methods: Corspec.methods_of(policy).map { |method| method.downcase.to_sym },
    headers: policy['request_headers'] == '*' ? :any : policy.fetch('request_headers', []),
    expose: policy['expose'] == '*' ? ['*'] : policy.fetch('expose', []),
    credentials: policy.fetch('credentials', false),
    max_age: policy['max_age']
  }
end

Corspec.run(
  name: 'rack-cors',
  package: 'ruby-rack-cors',
  homepage: 'https://github.com/cyu/rack-cors',
  knobs: %w[
    origins.any origins.list origins.null origins.subdomains credentials methods.list request_headers.list
    request_headers.any request_headers.any-with-credentials expose.list expose.any max_age max_age.zero application
  ]
) do |policy|
  # Puma takes no others.
  raise Corspec::Unsupported, 'methods.list' unless Corspec.methods_of(policy).all?(/\A[A-Z]+\z/)

  app = Corspec.refusable do
    Rack::Builder.new do
      use Rack::Cors do
        allow do
          origins(*origins_of(policy))
          resource '*', **options_of(policy)
        end
      end
      run Corspec::APPLICATION
    end.to_app
  end
  # A thread waits 0.2 s for more on a kept-alive connection: as many as there may be connections.
  server = Puma::Server.new(app, Puma::Events.null, min_threads: 0, max_threads: 64)
  server.add_tcp_listener('127.0.0.1', 0)
  server.run
  server.connected_ports.first
end
