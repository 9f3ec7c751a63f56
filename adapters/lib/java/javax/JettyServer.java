package corspec.jetty;

import corspec.Adapter;
import corspec.Application;
import java.io.IOException;
import java.io.OutputStream;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Embedded Jetty with a filter in front of the fixed application; all servers share their threads. */
public final class JettyServer {
    private static final QueuedThreadPool THREADS = new QueuedThreadPool(4000, 8);

    private JettyServer() {}

    /** Listens on 127.0.0.1 and returns the port. */
    public static int serve(FilterHolder filter) throws Exception {
        if (!THREADS.isStarted()) {
            THREADS.setReservedThreads(0);
            THREADS.setDaemon(true);
            THREADS.start();
        }
        Server server = new Server(THREADS);
        ServerConnector connector = new ServerConnector(server, 0, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(0);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new ApplicationServlet()), "/*");
        server.setHandler(context);
        try {
            server.start();
        } catch (Exception refusal) {
            throw new Adapter.Refused(refusal);
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
}
