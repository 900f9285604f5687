// The few lines of HTML, script and style that the documentation pages are made of.
import { definedProblems } from './problem';

export const swaggerPage = (title: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="stylesheet" href="/docs/page.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>
`;

export const INIT_SCRIPT = `// Every form of the dialog claims the focus, and the last one would get it, scrolled past all others.
const opensAtItsTop = (Dialog, { React }) => (props) => {
  React.useEffect(() => {
    const content = document.querySelector('.modal-ux-content');
    content.querySelector('input, button')?.focus({ preventScroll: true });
    content.scrollTop = 0;
  }, []);
  return React.createElement(Dialog, props);
};
window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  filter: true,
  validatorUrl: null,
  plugins: [() => ({ wrapComponents: { authorizationPopup: opensAtItsTop } })],
});
`;

export const STYLE = `body { margin: 0; }
.swagger-ui .topbar { display: none; }
.problems { font-family: sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.problems td, .problems th { text-align: left; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid #ddd; }
.problems tr:target { background: #fff3c4; }
`;

export function problemsPage(title: string): string {
  const rows = definedProblems().map(
    ({ status, code, title: kind }) =>
      `      <tr id="${code}"><td>${status}</td><td><code>${code}</code></td><td>${kind}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${title}: problems</title><link rel="stylesheet" href="/docs/page.css"></head>
  <body class="problems">
    <h1>Problems</h1>
    <p>Every error is <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>
    <table>
      <tr><th>Status</th><th>Code</th><th>Meaning</th></tr>
${rows.join('\n')}
    </table>
  </body>
</html>
`;
}
