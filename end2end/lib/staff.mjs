// Steps of specs about the dashboard: somebody of a merchant's staff signs in and goes to a page.
import { heading, newMid } from "./journey.mjs";

/** Everybody's password. */
export const PASSWORD = "correct horse battery staple";

/** A merchant of its own with somebody who signs in. */
export async function merchantWith(server, email, role, name) {
  const merchant = await newMid(server, "EU store", name);
  await addStaff(server, merchant, email, role);
  return merchant;
}

/** Somebody more of a merchant's staff. */
export function addStaff(server, { merchant }, email, role) {
  return server.ask(["user", "add", "--email", email, "--role", role, "--merchant", merchant, "--password-stdin"], `${PASSWORD}\n`);
}

/** Fills in the sign-in form. */
export async function signIn(staff, email, password = PASSWORD) {
  await staff.ready();
  await staff.page.getByLabel("Email").fill(email);
  await staff.page.getByLabel("Password").fill(password);
  await staff.page.getByRole("button", { name: "Sign in" }).click();
}

/** Waits until the browser stands still on a page of this path and title. */
export async function arriveAt(staff, path, title) {
  await staff.page.waitForURL((url) => url.pathname + url.search === path);
  await heading(staff, title);
  await staff.ready();
}

/** Gives a page's browser an authenticator that asks its person for a finger, which is given. */
export async function withAuthenticator({ page, context }) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return { takesFinger: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }) };
}

/** Does what says first what follows: opens it, and agrees. */
export async function twice(page, name, agree) {
  await page.locator("summary").filter({ hasText: new RegExp(`^${name}$`) }).click();
  await page.getByRole("button", { name: agree, exact: true }).click();
}
