package corspec;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fixed application, as answers; a servlet of the server at hand sends them. */
public final class Application {
    private Application() {}

    /** An answer: status, headers, the pieces of the body, whether they are streamed. */
    public record Answer(int status, Map<String, String> headers, List<byte[]> pieces, boolean streamed) {
        private static Answer of(int status, String text, String... more) {
            Map<String, String> headers = common();
            for (int index = 0; index < more.length; index += 2) {
                headers.put(more[index], more[index + 1]);
            }
            return new Answer(status, headers, List.of(text.getBytes(StandardCharsets.ISO_8859_1)), false);
        }

        private static Map<String, String> common() {
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put("Content-Type", "text/plain");
            headers.put("Cache-Control", "max-age=60");
            headers.put("ETag", "\"v1\"");
            headers.put("Set-Cookie", "session=1");
            headers.put("X-App", "corspec");
            headers.put("X-Request-Id", "42");
            headers.put("X-Secret", "s");
            return headers;
        }
    }

    /** The answer to a request; {@code uri} is as it was sent, without the query. */
    public static Answer answer(String method, String uri, String ifNoneMatch, String range, byte[] body) {
        // A plus sign is no space in a path.
        String path = resolve(URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8));
        if (path.matches("/status/[2-5]\\d\\d")) {
            int status = Integer.parseInt(path.substring("/status/".length()));
            return Answer.of(status, status == 200 ? "plain\n" : "");
        }
        if (path.startsWith("/area/")) {
            return Answer.of(200, "plain\n");
        }
        switch (path) {
            case "/plain":
                if ("\"v1\"".equals(ifNoneMatch)) {
                    return Answer.of(304, "");
                }
                if ("bytes=0-1".equals(range)) {
                    return Answer.of(206, "pl", "Content-Range", "bytes 0-1/6");
                }
                return Answer.of(200, "plain\n");
            case "/redirect":
                return Answer.of(302, "", "Location", "/plain");
            case "/vary":
                return Answer.of(200, "plain\n", "Vary", "Accept-Encoding");
            case "/cors":
                return Answer.of(200, "plain\n", "Access-Control-Allow-Origin", "https://own.example");
            case "/stream":
                List<byte[]> pieces = new ArrayList<>();
                for (String piece : List.of("one\n", "two\n", "three\n")) {
                    pieces.add(piece.getBytes(StandardCharsets.ISO_8859_1));
                }
                return new Answer(200, Answer.common(), pieces, true);
            case "/echo":
                return Answer.of(200, method + " " + new String(body, StandardCharsets.ISO_8859_1));
            default:
                return Answer.of(404, "");
        }
    }

    /** The path with its dot segments removed. */
    private static String resolve(String path) {
        List<String> resolved = new ArrayList<>();
        String[] segments = path.split("/", -1);
        for (int index = 1; index < segments.length; index++) {
            String segment = segments[index];
            if (segment.equals("..") && !resolved.isEmpty()) {
                resolved.remove(resolved.size() - 1);
            }
            if (!segment.equals(".") && !segment.equals("..")) {
                resolved.add(segment);
            } else if (index == segments.length - 1) {
                resolved.add("");
            }
        }
        return "/" + String.join("/", resolved);
    }
}
