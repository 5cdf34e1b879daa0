// What scripts add to the dashboard: keys, the palette, counting what is selected, news as it comes. Every page works without; nothing here
// decides or remembers anything about money. Loaded for staff only, so that payers wait for none of it.
import { wireDraft } from "./draft.js";
import { wireFiles } from "./files.js";
import { listenToKeys } from "./keys.js";
import { watch } from "./live.js";
import { wireSelection } from "./selection.js";

// What answers a form is its page: loaded again, that is asked for, and nothing is sent twice.
const { page } = document.querySelector("main")?.dataset ?? {};
if (page && location.pathname.startsWith("/fn/")) history.replaceState(history.state, "", page);

wireDraft();
wireFiles();
wireSelection();
listenToKeys();
watch();

// An action on many refunds goes on by itself, slowly enough to be stopped.
const next = document.querySelector("form[data-goes-on]");
if (next) setTimeout(() => navigator.onLine && next.requestSubmit(next.querySelector("button")), 300);
