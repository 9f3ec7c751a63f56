// An adapter for corspec: JSON lines on standard input and output, and a server for each policy. Java 17 or later.
//
// Replace the parts marked `Your software`; keep the rest. What is printed for people goes to standard error.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

public class Adapter {
    /** Your software: what it can express. */
    static final List<String> KNOBS = List.of("origins.none", "max_age.absent", "application");

    /** Your software: who it is. The version is that of the installed package: Package.getImplementationVersion(). */
    static Map<String, Object> hello() {
        var hello = new LinkedHashMap<String, Object>();
        hello.put("name", "my-cors");
        hello.put("version", System.getProperty("java.version"));
        hello.put("language", "Java");
        hello.put("package", "my-cors");
        hello.put("homepage", "https://my-cors.example/");
        hello.put("knobs", KNOBS);
        return hello;
    }

    /** Your software: the application wrapped for a policy. Here: one origin, no preflights. */
    static HttpHandler middleware(Map<String, Object> policy, HttpHandler application) {
        var origins = list(policy, "origins");
        return exchange -> {
            var request = exchange.getRequestHeaders();
            var origin = request.getFirst("Origin");
            exchange.getResponseHeaders().add("Vary", "Origin");
            if (origins.contains(origin)) {
                exchange.getResponseHeaders().set("Access-Control-Allow-Origin", origin);
            }
            var asks = request.containsKey("Access-Control-Request-Method");
            if (exchange.getRequestMethod().equals("OPTIONS") && origin != null && asks) {
                exchange.sendResponseHeaders(204, -1);
                exchange.close();
            } else {
                application.handle(exchange);
            }
        };
    }

    /** The fixed application. */
    static void application(HttpExchange exchange) throws IOException {
        var request = exchange.getRequestHeaders();
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/plain");
        headers.set("Cache-Control", "max-age=60");
        headers.set("ETag", "\"v1\"");
        headers.set("Set-Cookie", "session=1");
        headers.set("X-App", "corspec");
        headers.set("X-Request-Id", "42");
        headers.set("X-Secret", "s");
        var path = URI.create("/").resolve(exchange.getRequestURI().normalize()).getPath();
        if (path.equals("/plain") && "\"v1\"".equals(request.getFirst("If-None-Match"))) {
            send(exchange, 304, "");
        } else if (path.equals("/plain") && "bytes=0-1".equals(request.getFirst("Range"))) {
            headers.set("Content-Range", "bytes 0-1/6");
            send(exchange, 206, "pl");
        } else if (path.equals("/plain") || path.startsWith("/area/") || path.equals("/status/200")) {
            send(exchange, 200, "plain\n");
        } else if (path.matches("/status/[2-5]\\d\\d")) {
            send(exchange, Integer.parseInt(path.substring(8)), "");
        } else if (path.equals("/redirect")) {
            headers.set("Location", "/plain");
            send(exchange, 302, "");
        } else if (path.equals("/vary")) {
            headers.add("Vary", "Accept-Encoding");
            send(exchange, 200, "plain\n");
        } else if (path.equals("/cors")) {
            headers.set("Access-Control-Allow-Origin", "https://own.example");
            send(exchange, 200, "plain\n");
        } else if (path.equals("/stream")) {
            exchange.sendResponseHeaders(200, 0);
            try (var body = exchange.getResponseBody()) {
                for (var piece : List.of("one\n", "two\n", "three\n")) {
                    body.write(piece.getBytes(StandardCharsets.UTF_8));
                    body.flush();
                }
            }
        } else if (path.equals("/echo")) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
            send(exchange, 200, exchange.getRequestMethod() + " " + body);
        } else {
            send(exchange, 404, "");
        }
    }

    static void send(HttpExchange exchange, int status, String text) throws IOException {
        var body = text.getBytes(StandardCharsets.ISO_8859_1);
        var bodiless = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, bodiless ? -1 : body.length);
        if (!bodiless) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    static final Executor THREADS = Executors.newCachedThreadPool();

    static Map<String, Object> serve(Map<String, Object> policy) throws IOException {
        var lacking = new ArrayList<>(needed(policy));
        lacking.removeAll(KNOBS);
        if (!lacking.isEmpty()) {
            return Map.of("unsupported", lacking);
        }
        // Your software: what it refuses is answered by {"refused": "its own message"}.
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 128);
        server.createContext("/", middleware(policy, Adapter::application));
        server.setExecutor(THREADS);
        server.start();
        return Map.of("base_url", "http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** The knobs a policy needs. */
    static List<String> needed(Map<String, Object> policy) {
        var knobs = new ArrayList<String>();
        var credentials = Boolean.TRUE.equals(policy.get("credentials"));
        var any = credentials ? "any-with-credentials" : "any";
        var origins = list(policy, "origins");
        if ("*".equals(policy.get("origins"))) {
            knobs.add("origins." + any);
        } else if (origins.isEmpty()) {
            knobs.add("origins.none");
        }
        if (origins.size() > 1) {
            knobs.add("origins.list");
        }
        if (origins.contains("null")) {
            knobs.add("origins.null");
        }
        if (origins.stream().anyMatch(origin -> origin.contains("://*."))) {
            knobs.add("origins.subdomains");
        }
        if (credentials) {
            knobs.add("credentials");
        }
        for (var field : List.of("methods", "request_headers", "expose")) {
            if ("*".equals(policy.get(field))) {
                knobs.add(field + "." + any);
            } else if (!list(policy, field).isEmpty()) {
                knobs.add(field + ".list");
            }
        }
        var maxAge = (Double) policy.get("max_age");
        knobs.add(maxAge == null ? "max_age.absent" : maxAge == 0 ? "max_age.zero" : "max_age");
        if (policy.containsKey("routes")) {
            knobs.add("routes");
        }
        return knobs;
    }

    /** The strings of a field that is a list of them; none when it is "*" or not there. */
    @SuppressWarnings("unchecked")
    static List<String> list(Map<String, Object> policy, String field) {
        return policy.get(field) instanceof List<?> list ? (List<String>) list : List.of();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> answer(Map<String, Object> request) throws IOException {
        return switch (String.valueOf(request.get("op"))) {
            case "hello" -> hello();
            case "serve" -> serve((Map<String, Object>) request.get("policy"));
            case "stop" -> Map.of();
            default -> Map.of("error", "there is no op " + request.get("op"));
        };
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] arguments) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            Map<String, Object> request = Map.of();
            Map<String, Object> reply;
            try {
                request = (Map<String, Object>) new Json(line).value();
                reply = answer(request);
            } catch (Exception error) {
                reply = Map.of("error", error.toString());
            }
            System.out.println(Json.text(reply));
            System.out.flush();
            if ("stop".equals(request.get("op"))) {
                break;
            }
        }
        System.exit(0);
    }

    /** Reads and writes JSON, which the class library does not. */
    static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            switch (peek()) {
                case '{':
                    var map = new LinkedHashMap<String, Object>();
                    for (next(); peek() != '}'; skip(',')) {
                        var key = (String) value();
                        skip(':');
                        map.put(key, value());
                    }
                    next();
                    return map;
                case '[':
                    var list = new ArrayList<Object>();
                    for (next(); peek() != ']'; skip(',')) {
                        list.add(value());
                    }
                    next();
                    return list;
                case '"':
                    return string();
                default:
                    var start = at;
                    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    var word = text.substring(start, at);
                    return switch (word) {
                        case "true" -> true;
                        case "false" -> false;
                        case "null" -> null;
                        default -> Double.valueOf(word);
                    };
            }
        }

        private String string() {
            var string = new StringBuilder();
            next();
            for (var c = next(); c != '"'; c = next()) {
                if (c == '\\') {
                    c = next();
                    if (c == 'u') {
                        string.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                        at += 4;
                        continue;
                    }
                    var index = "bfnrt".indexOf(c);
                    c = index < 0 ? c : "\b\f\n\r\t".charAt(index);
                }
                string.append(c);
            }
            return string.toString();
        }

        private char next() {
            return text.charAt(at++);
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void skip(char c) {
            if (peek() == c) {
                at++;
            }
        }

        static String text(Object value) {
            if (value instanceof Map<?, ?> map) {
                var members = new ArrayList<String>();
                map.forEach((key, member) -> members.add(text(key) + ":" + text(member)));
                return "{" + String.join(",", members) + "}";
            }
            if (value instanceof List<?> list) {
                return "[" + String.join(",", list.stream().map(Json::text).toList()) + "]";
            }
            var string = new StringBuilder("\"");
            for (var c : String.valueOf(value).toCharArray()) {
                if (c == '"' || c == '\\') {
                    string.append('\\').append(c);
                } else if (c < ' ') {
                    string.append(String.format("\\u%04x", (int) c));
                } else {
                    string.append(c);
                }
            }
            return string.append('"').toString();
        }
    }
}
