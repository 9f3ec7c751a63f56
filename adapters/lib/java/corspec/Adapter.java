package corspec;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What every adapter in Java shares: the protocol, the knobs of a policy, the fixed application. An adapter is the software
 * and a function that puts a policy into force; see ../../../README.md.
 */
public record Adapter(String name, String debianPackage, String homepage, List<String> knobs, Serve serve) {
    /** Puts a policy into force. */
    public interface Serve {
        /** Listens on 127.0.0.1 and returns the port. */
        int serve(Policy policy) throws Exception;
    }

    /** The software has no way to express these knobs, found out while it was configured. */
    public static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient List<String> knobs;

        public Unsupported(String... knobs) {
            this.knobs = List.of(knobs);
        }
    }

    /** The software refuses the policy, with its own words. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        public Refused(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Speaks the protocol until {@code stop} or the end of stdin. */
    public void run() throws IOException {
        // Nothing but answers may reach stdout, whatever the software prints.
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            if (line.isBlank()) {
                continue;
            }
            String op = "";
            Map<String, ?> answer;
            try {
                JsonObject request = JsonParser.parseString(line).getAsJsonObject();
                op = request.get("op").getAsString();
                answer = answer(op, request);
            } catch (Unsupported unsupported) {
                answer = Map.of("unsupported", unsupported.knobs);
            } catch (Refused refused) {
                answer = Map.of("refused", String.valueOf(refused.getMessage()));
            } catch (Exception error) {
                error.printStackTrace();
                answer = Map.of("error", error.toString());
            }
            answers.println(new Gson().toJson(answer));
            if (op.equals("stop")) {
                break;
            }
        }
        // The listeners are threads of this process: nothing to wait for.
        Runtime.getRuntime().halt(0);
    }

    private Map<String, ?> answer(String op, JsonObject request) throws Exception {
        switch (op) {
            case "hello":
                if (request.get("protocol").getAsInt() != 1) {
                    return Map.of("error", "protocol " + request.get("protocol") + " is not known here, only 1");
                }
                return Map.of("name", name, "version", version(), "language", "Java", "package", debianPackage,
                    "homepage", homepage, "knobs", knobs);
            case "serve":
                Policy policy = new Policy(request.getAsJsonObject("policy"));
                List<String> lacking = policy.lacking(knobs);
                if (!lacking.isEmpty()) {
                    return Map.of("unsupported", lacking);
                }
                return Map.of("base_url", "http://127.0.0.1:" + serve.serve(policy) + "/");
            case "stop":
                return Map.of();
            default:
                return Map.of("error", "no operation is called " + op);
        }
    }

    /** The version of the installed package of Debian. */
    private String version() throws IOException {
        Process query = new ProcessBuilder("dpkg-query", "-W", "-f", "${Version}", debianPackage).start();
        return new String(query.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
