# Plack::Middleware::CrossOrigin, as its documentation shows: builder { enable 'CrossOrigin', …; $app }.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib/perl";
use Corspec;
use Plack::Builder;
use Twiggy::Server;

my @servers;

sub serve {
    my ($policy) = @_;
    my $app = eval {
        builder {
            enable 'CrossOrigin',
                origins        => Corspec::names($policy, 'origins'),
                methods        => Corspec::methods($policy),
                headers        => Corspec::names($policy, 'request_headers'),
                expose_headers => Corspec::names($policy, 'expose'),
                credentials    => $policy->{credentials} ? 1 : 0,
                (defined $policy->{max_age} ? (max_age => $policy->{max_age}) : ());
            \&Corspec::application;
        };
    };
    die { refused => "$@" } unless $app;
    my $port;
    my $server = Twiggy::Server->new(
        host         => '127.0.0.1',
        port         => '0',
        server_ready => sub { $port = $_[0]{port} },
    );
    $server->register_service($app);
    push @servers, $server;
    return $port;
}

Corspec::run(
    name     => 'plack-crossorigin',
    package  => 'libplack-middleware-crossorigin-perl',
    homepage => 'https://metacpan.org/pod/Plack::Middleware::CrossOrigin',
    knobs    => [
        qw(origins.any origins.any-with-credentials origins.list origins.null origins.subdomains credentials),
        qw(methods.list methods.any methods.any-with-credentials request_headers.list request_headers.any),
        qw(request_headers.any-with-credentials expose.list expose.any expose.any-with-credentials),
        qw(max_age max_age.zero max_age.absent application),
    ],
    serve => \&serve,
);
