// Shows the description of the API. The badge of an outside validator is off: no request leaves this server.
const target = document.getElementById("api");
const dark = matchMedia("(prefers-color-scheme: dark)");
const { classList, dataset } = document.documentElement;
const follow = () => classList.toggle("dark-mode", dataset.theme ? dataset.theme === "dark" : dark.matches);
follow();
dark.addEventListener("change", follow);
SwaggerUIBundle({ domNode: target, url: target.dataset.schema, validatorUrl: null, deepLinking: true });
