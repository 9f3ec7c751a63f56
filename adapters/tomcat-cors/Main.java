import corspec.Adapter;
import corspec.Application;
import corspec.Policy;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.filters.CorsFilter;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** Tomcat's CorsFilter, as its documentation shows: a filter with init parameters. */
final class Main {
    /** The part of Tomcat that logs what a filter refuses. */
    private static final Logger CONTEXTS = Logger.getLogger("org.apache.catalina.core");

    private static FilterDef filter(Policy policy) {
        FilterDef filter = new FilterDef();
        filter.setFilterName("CorsFilter");
        filter.setFilterClass(CorsFilter.class.getName());
        filter.addInitParameter("cors.allowed.origins", String.join(",", policy.names("origins")));
        filter.addInitParameter("cors.allowed.methods", String.join(",", policy.methods()));
        filter.addInitParameter("cors.allowed.headers", String.join(",", policy.names("request_headers")));
        filter.addInitParameter("cors.exposed.headers", String.join(",", policy.names("expose")));
        filter.addInitParameter("cors.support.credentials", String.valueOf(policy.credentials()));
        // A negative value leaves the header out.
        filter.addInitParameter("cors.preflight.maxage", policy.maxAge() == null ? "-1" : policy.maxAge().toString());
        return filter;
    }

    private static int serve(Policy policy) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir("build");
        Connector connector = new Connector();
        connector.setProperty("address", "127.0.0.1");
        connector.setPort(0);
        connector.setProperty("minSpareThreads", "1");
        connector.setProperty("maxThreads", "8");
        tomcat.setConnector(connector);
        tomcat.getServer().setUtilityThreads(1);
        Context context = new StandardContext();
        context.setPath("");
        context.addLifecycleListener(new Tomcat.FixContextListener());
        tomcat.getHost().addChild(context);
        Tomcat.addServlet(context, "application", new ApplicationServlet()).addMapping("/");
        context.addFilterDef(filter(policy));
        FilterMap mapping = new FilterMap();
        mapping.setFilterName("CorsFilter");
        mapping.addURLPattern("/*");
        context.addFilterMap(mapping);
        tomcat.start();
        if (!context.getState().isAvailable()) {
            tomcat.stop();
            throw new Adapter.Refused(new IllegalArgumentException("the filter did not start: see standard error"));
        }
        return connector.getLocalPort();
    }

    private static final class ApplicationServlet extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Application.Answer answer = Application.answer(request.getMethod(), request.getRequestURI(),
                request.getHeader("If-None-Match"), request.getHeader("Range"), request.getInputStream().readAllBytes());
            response.setStatus(answer.status());
            answer.headers().forEach(response::addHeader);
            OutputStream body = response.getOutputStream();
            for (byte[] piece : answer.pieces()) {
                body.write(piece);
                if (answer.streamed()) {
                    body.flush();
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        CONTEXTS.setLevel(Level.SEVERE);
        Logger.getLogger("org.apache").setLevel(Level.WARNING);
        new Adapter("tomcat-cors", "libtomcat10-embed-java",
            "https://tomcat.apache.org/tomcat-10.1-doc/config/filter.html#CORS_Filter",
            List.of("origins.any", "origins.list", "origins.null", "credentials", "methods.list", "request_headers.list",
                "expose.list", "expose.any", "max_age", "max_age.zero", "max_age.absent", "application"),
            Main::serve).run();
    }
}
