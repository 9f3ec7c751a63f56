import corspec.Adapter;
import corspec.Policy;
import corspec.jetty.JettyServer;
import java.util.Comparator;
import java.util.List;
import org.eclipse.jetty.servlet.FilterHolder;
import org.springframework.http.HttpMethod;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Spring's CorsFilter, as its documentation shows: a CorsConfiguration registered for paths. */
final class Main {
    private static CorsConfiguration configuration(Policy policy) {
        for (String method : policy.names("methods")) {
            if (!method.equals("*") && HttpMethod.resolve(method) == null) {
                throw new Adapter.Unsupported("methods.list");
            }
        }
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.setAllowedOrigins(policy.names("origins"));
        configuration.setAllowedMethods(policy.methods());
        configuration.setAllowedHeaders(policy.names("request_headers"));
        configuration.setExposedHeaders(policy.names("expose"));
        configuration.setAllowCredentials(policy.credentials());
        configuration.setMaxAge(policy.maxAge());
        return configuration;
    }

    private static int serve(Policy policy) throws Exception {
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        try {
            CorsConfiguration outer = configuration(policy);
            // Of the patterns the first that matches counts.
            Comparator<Policy.Route> mostSpecific =
                Comparator.comparing((Policy.Route route) -> route.path().endsWith("/*"))
                    .thenComparing(route -> -route.path().length());
            for (Policy.Route route : policy.routes().stream().sorted(mostSpecific).toList()) {
                String path = route.path();
                CorsConfiguration inner = configuration(route.policy());
                if (!path.endsWith("/*")) {
                    source.registerCorsConfiguration(path, inner);
                    continue;
                }
                // `/**` would be the path itself too.
                source.registerCorsConfiguration(path + "/**", inner);
                source.registerCorsConfiguration(path.substring(0, path.length() - 1), inner);
            }
            source.registerCorsConfiguration("/**", outer);
        } catch (IllegalArgumentException refusal) {
            throw new Adapter.Refused(refusal);
        }
        return JettyServer.serve(new FilterHolder(new CorsFilter(source)));
    }

    public static void main(String[] arguments) throws Exception {
        new Adapter("spring-cors", "libspring-web-java",
            "https://docs.spring.io/spring-framework/docs/4.3.x/spring-framework-reference/html/cors.html",
            List.of("origins.any", "origins.any-with-credentials", "origins.list", "origins.null", "credentials",
                "methods.list", "methods.any", "methods.any-with-credentials", "request_headers.list",
                "request_headers.any", "request_headers.any-with-credentials", "expose.list", "max_age", "max_age.zero",
                "max_age.absent", "routes", "application"),
            Main::serve).run();
    }
}
