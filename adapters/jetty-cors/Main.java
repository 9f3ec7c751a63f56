import corspec.Adapter;
import corspec.Policy;
import corspec.jetty.JettyServer;
import java.util.List;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlets.CrossOriginFilter;

/** Jetty's CrossOriginFilter, as its documentation shows: a filter with init parameters. */
final class Main {
    /** More init parameters, as {@code name=value}: see ../jetty-cors-unchained. */
    private static List<String> parameters = List.of();

    private static int serve(Policy policy) throws Exception {
        FilterHolder filter = new FilterHolder(CrossOriginFilter.class);
        filter.setInitParameter(CrossOriginFilter.ALLOWED_ORIGINS_PARAM, String.join(",", policy.names("origins")));
        filter.setInitParameter(CrossOriginFilter.ALLOWED_METHODS_PARAM, String.join(",", policy.methods()));
        filter.setInitParameter(CrossOriginFilter.ALLOWED_HEADERS_PARAM, String.join(",", policy.names("request_headers")));
        filter.setInitParameter(CrossOriginFilter.EXPOSED_HEADERS_PARAM, String.join(",", policy.names("expose")));
        filter.setInitParameter(CrossOriginFilter.ALLOW_CREDENTIALS_PARAM, String.valueOf(policy.credentials()));
        filter.setInitParameter(CrossOriginFilter.PREFLIGHT_MAX_AGE_PARAM, String.valueOf(policy.maxAge()));
        for (String parameter : parameters) {
            String[] pair = parameter.split("=", 2);
            filter.setInitParameter(pair[0], pair[1]);
        }
        return JettyServer.serve(filter);
    }

    public static void main(String[] arguments) throws Exception {
        parameters = List.of(arguments);
        new Adapter(parameters.isEmpty() ? "jetty-cors" : "jetty-cors-unchained", "libjetty9-java",
            "https://javadoc.jetty.org/jetty-9/org/eclipse/jetty/servlets/CrossOriginFilter.html",
            List.of("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "origins.subdomains",
                "credentials", "methods.list", "request_headers.list", "request_headers.any",
                "request_headers.any-with-credentials", "expose.list", "expose.any", "max_age", "max_age.zero",
                "application"),
            Main::serve).run();
    }
}
