package Corspec;

# What an adapter in Perl shares with others: the protocol, the knobs of a policy, the fixed application.
#
# An adapter calls Corspec::run with what it is and a function that puts a policy into force; see ../../README.md.

use strict;
use warnings;
use AnyEvent;
use JSON::PP ();
use List::Util qw(any uniq);

my $json = JSON::PP->new->utf8->canonical;

# Speaks the protocol until `stop` or the end of stdin, within AnyEvent's loop.
#
# The version is that of the installed package of Debian. `knobs`: what the software can express. `serve`: given a policy,
# listens on 127.0.0.1 and returns the port; what it dies with as { refused => message } is the software's refusal.
sub run {
    my (%adapter) = @_;
    # Nothing but answers may reach stdout, whatever the software prints.
    open my $answers, '>&', \*STDOUT or die "stdout: $!";
    open STDOUT, '>&', \*STDERR or die "stderr: $!";
    $answers->autoflush(1);
    local $SIG{PIPE} = 'IGNORE';
    my $stopped = AnyEvent->condvar;
    my $received = '';
    my $watcher = AnyEvent->io(fh => \*STDIN, poll => 'r', cb => sub {
        sysread(STDIN, $received, 65536, length $received) or return $stopped->send;
        while ($received =~ s/\A([^\n]*)\n//) {
            my $line = $1;
            next unless $line =~ /\S/;
            my $request = eval { $json->decode($line) } || {};
            my $answer = eval { _answer($request, \%adapter) };
            if (!$answer) {
                my $error = $@;
                $answer = ref $error eq 'HASH' ? $error : { error => "$error" };
            }
            print $answers $json->encode($answer), "\n";
            $stopped->send if ($request->{op} // '') eq 'stop';
        }
    });
    $stopped->recv;
}

sub _answer {
    my ($request, $adapter) = @_;
    my $op = $request->{op} // '';
    my @knobs = @{ $adapter->{knobs} };
    if ($op eq 'hello') {
        my $protocol = $request->{protocol} // 'none';
        return { error => "protocol $protocol is not known here, only 1" } unless $protocol eq '1';
        open my $query, '-|', 'dpkg-query', '-W', '-f', '${Version}', $adapter->{package} or die "dpkg-query: $!";
        my $version = <$query>;
        my %about = map { $_ => $adapter->{$_} } qw(name package homepage knobs);
        return { %about, language => 'Perl', version => $version };
    }
    if ($op eq 'serve') {
        my $policy = $request->{policy};
        my @lacking = grep { my $knob = $_; !any { $_ eq $knob } @knobs } needs($policy, @knobs);
        return { unsupported => \@lacking } if @lacking;
        return { base_url => 'http://127.0.0.1:' . $adapter->{serve}->($policy) . '/' };
    }
    return {} if $op eq 'stop';
    return { error => "no operation is called '$op'" };
}

# The knobs a policy asks for, those of its routes included.
sub needs {
    my ($policy, @knobs) = @_;
    my $suffix = $policy->{credentials} ? '.any-with-credentials' : '.any';
    my @needed;
    push @needed, 'credentials' if $policy->{credentials};
    my $origins = $policy->{origins};
    if (ref $origins) {
        push @needed, 'origins.list' if @$origins > 1;
        push @needed, 'origins.null' if any { $_ eq 'null' } @$origins;
        push @needed, 'origins.subdomains' if any { m{://\*\.} } @$origins;
    } else {
        push @needed, "origins$suffix";
    }
    for my $dimension (qw(methods request_headers expose)) {
        my $allowed = $policy->{$dimension} // [];
        # "None" is out of reach of software that always allows any.
        my $always_any = any { /^\Q$dimension\E\.any/ } @knobs;
        push @needed, "$dimension$suffix" unless ref $allowed;
        push @needed, "$dimension.list" if ref $allowed && (@$allowed || $always_any);
    }
    my $age = $policy->{max_age};
    push @needed, !defined $age ? 'max_age.absent' : $age ? 'max_age' : 'max_age.zero';
    push @needed, 'routes', needs($_->{policy}, @knobs) for @{ $policy->{routes} // [] };
    return uniq @needed;
}

# The names of a dimension; '*' when any is allowed.
sub names {
    my ($policy, $dimension) = @_;
    my $allowed = $policy->{$dimension} // [];
    return ref $allowed ? $allowed : ['*'];
}

# The methods for software whose list holds the safelisted ones too.
sub methods {
    my ($policy) = @_;
    my $allowed = names($policy, 'methods');
    return $allowed->[0] && $allowed->[0] eq '*' ? ['*'] : [ uniq qw(GET HEAD POST), @$allowed ];
}

# ------------------------------------------------------------------------------------------------- the fixed application

my @headers = (
    'Content-Type' => 'text/plain', 'Cache-Control' => 'max-age=60', 'ETag' => '"v1"', 'Set-Cookie' => 'session=1',
    'X-App' => 'corspec', 'X-Request-Id' => '42', 'X-Secret' => 's',
);

# The fixed application, for PSGI.
sub application {
    my ($env) = @_;
    my $path = resolve($env->{PATH_INFO});
    return _text($1, $1 == 200 ? "plain\n" : '') if $path =~ m{\A/status/([2-5]\d\d)\z};
    return _text(200, "plain\n") if $path =~ m{\A/area/};
    if ($path eq '/plain') {
        return _text(304, '') if ($env->{HTTP_IF_NONE_MATCH} // '') eq '"v1"';
        return _text(206, 'pl', 'Content-Range' => 'bytes 0-1/6') if ($env->{HTTP_RANGE} // '') eq 'bytes=0-1';
        return _text(200, "plain\n");
    }
    return _text(302, '', 'Location' => '/plain') if $path eq '/redirect';
    return _text(200, "plain\n", 'Vary' => 'Accept-Encoding') if $path eq '/vary';
    return _text(200, "plain\n", 'Access-Control-Allow-Origin' => 'https://own.example') if $path eq '/cors';
    return _stream("one\n", "two\n", "three\n") if $path eq '/stream';
    if ($path eq '/echo') {
        my $body = '';
        1 while $env->{'psgi.input'}->read($body, 65536, length $body);
        return _text(200, "$env->{REQUEST_METHOD} $body");
    }
    return _text(404, '');
}

sub _text {
    my ($status, $text, @more) = @_;
    return [ $status, [ @headers, @more ], [] ] if $status == 204 || $status == 304;
    return [ $status, [ @headers, @more, 'Content-Length' => length $text ], [$text] ];
}

sub _stream {
    my (@pieces) = @_;
    return sub {
        my $writer = $_[0]->([ 200, [@headers] ]);
        $writer->write($_) for @pieces;
        $writer->close;
    };
}

# The path with its dot segments removed.
sub resolve {
    my (undef, @segments) = split m{/}, $_[0], -1;
    my @resolved;
    for my $index (0 .. $#segments) {
        my $segment = $segments[$index];
        pop @resolved if $segment eq '..';
        if ($segment ne '.' && $segment ne '..') {
            push @resolved, $segment;
        } elsif ($index == $#segments) {
            push @resolved, '';
        }
    }
    return '/' . join '/', @resolved;
}

1;
