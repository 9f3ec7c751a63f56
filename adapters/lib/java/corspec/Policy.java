package corspec;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What an operator means to allow. */
public final class Policy {
    private static final List<String> SAFELISTED_METHODS = List.of("GET", "HEAD", "POST");

    private final JsonObject members;

    Policy(JsonObject members) {
        this.members = members;
    }

    /** A policy of a path: exact, or ending in {@code /*}. */
    public record Route(String path, Policy policy) {}

    /** Whether any is allowed of {@code origins}, {@code methods}, {@code request_headers} or {@code expose}. */
    public boolean any(String dimension) {
        JsonElement allowed = members.get(dimension);
        return allowed != null && allowed.isJsonPrimitive();
    }

    /** What is listed there; a single {@code *} when any is allowed. */
    public List<String> names(String dimension) {
        if (any(dimension)) {
            return List.of("*");
        }
        List<String> names = new ArrayList<>();
        JsonElement listed = members.get(dimension);
        if (listed != null && listed.isJsonArray()) {
            listed.getAsJsonArray().forEach(name -> names.add(name.getAsString()));
        }
        return names;
    }

    /** The methods for software whose list holds the safelisted ones too. */
    public List<String> methods() {
        Set<String> methods = new LinkedHashSet<>(SAFELISTED_METHODS);
        methods.addAll(names("methods"));
        return any("methods") ? List.of("*") : List.copyOf(new ArrayList<>(methods));
    }

    public boolean credentials() {
        JsonElement credentials = members.get("credentials");
        return credentials != null && !credentials.isJsonNull() && credentials.getAsBoolean();
    }

    /** Seconds, or null: the header is not sent. */
    public Long maxAge() {
        JsonElement age = members.get("max_age");
        return age == null || age.isJsonNull() ? null : age.getAsLong();
    }

    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        JsonElement listed = members.get("routes");
        if (listed != null && listed.isJsonArray()) {
            for (JsonElement element : listed.getAsJsonArray()) {
                JsonObject route = element.getAsJsonObject();
                routes.add(new Route(route.get("path").getAsString(), new Policy(route.getAsJsonObject("policy"))));
            }
        }
        return routes;
    }

    /** The knobs that are asked for, those of the routes included, and that are not among those the software has. */
    List<String> lacking(List<String> knobs) {
        Set<String> needed = new LinkedHashSet<>();
        need(needed, knobs);
        needed.removeAll(knobs);
        return new ArrayList<>(needed);
    }

    private void need(Set<String> needed, List<String> knobs) {
        String any = credentials() ? ".any-with-credentials" : ".any";
        if (credentials()) {
            needed.add("credentials");
        }
        List<String> origins = names("origins");
        if (any("origins")) {
            needed.add("origins" + any);
        } else if (origins.size() > 1) {
            needed.add("origins.list");
        }
        if (origins.contains("null")) {
            needed.add("origins.null");
        }
        if (origins.stream().anyMatch(origin -> origin.contains("://*."))) {
            needed.add("origins.subdomains");
        }
        for (String dimension : List.of("methods", "request_headers", "expose")) {
            // "None" is out of reach of software that always allows any.
            boolean alwaysAny = knobs.stream().anyMatch(knob -> knob.startsWith(dimension + ".any"));
            if (any(dimension)) {
                needed.add(dimension + any);
            } else if (alwaysAny || !names(dimension).isEmpty()) {
                needed.add(dimension + ".list");
            }
        }
        needed.add(maxAge() == null ? "max_age.absent" : maxAge() == 0 ? "max_age.zero" : "max_age");
        for (Route route : routes()) {
            needed.add("routes");
            route.policy().need(needed, knobs);
        }
    }
}
