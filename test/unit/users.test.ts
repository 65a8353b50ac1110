// The rules of an account, as scenarios: given what happened, when somebody wants a change, then these events or this
// refusal.
import { afterAdminEvent, evolve, noAccount, normalise, show, type UserEvent } from "../../services/users/account";
import {
  administrate,
  atVersion,
  changePassword,
  changeProfile,
  endSession,
  known,
  register,
} from "../../services/users/account.rules";
import { admin, customer, given, kim, refusal, types } from "../helpers/account";

describe("registering", () => {
  test("an account shows exactly what the contract promises, with its address in lower case", () => {
    expect(show(customer())).toEqual({
      id: "usr_1",
      email: "kim.minji@example.com",
      name: "Kim Minji",
      role: "customer",
      locale: "ko",
      emailVerified: false,
      disabled: false,
      version: 1,
      createdAt: "2026-01-01T00:00:00.000Z",
    });
  });

  test("addresses that differ in case only are the same", () => {
    expect(normalise("KIM@EXAMPLE.com")).toBe(normalise("kim@example.COM"));
  });

  test("an id without events is no account", () => {
    expect(() => known(noAccount)).toThrow(refusal("USER_NOT_FOUND"));
  });

  test("events of an account that was never registered are a fault, not an account", () => {
    const stray = {
      type: "UserDisabled",
      data: {},
      id: "usr_9-1",
      aggregateId: "usr_9",
      version: 1,
      timestamp: "2026-01-01T00:00:00.000Z",
    } as const;
    expect(() => evolve(noAccount, stray)).toThrow("does not exist");
  });
});

describe("changing the profile", () => {
  test("only what differs is recorded", () => {
    expect(changeProfile(customer(), { name: "Minji", locale: "ko" })).toEqual([
      { type: "ProfileChanged", data: { name: "Minji" } },
    ]);
  });

  test("nothing new is no event, so that a repeat has no effect", () => {
    expect(changeProfile(customer(), { name: kim.name })).toEqual([]);
    expect(changeProfile(customer(), {})).toEqual([]);
  });

  test("a change leaves the rest as it was", () => {
    const { user, version } = given(...register(kim), { type: "ProfileChanged", data: { locale: "en" } });
    expect(user).toMatchObject({ name: kim.name, locale: "en", createdAt: "2026-01-01T00:00:00.000Z" });
    expect(version).toBe(2);
  });
});

describe("an admin changes an account", () => {
  test("a new role ends all sessions, because tokens name the old one", () => {
    expect(administrate(customer(), { role: "admin" }, 1)).toEqual([
      { type: "RoleChanged", data: { role: "admin" } },
      { type: "SessionsEnded", data: {} },
      { type: "AdminsChanged", data: { userId: "usr_1", active: true } },
    ]);
  });

  test("disabling ends all sessions; enabling brings none back", () => {
    const disabling = administrate(customer(), { disabled: true }, 1);
    expect(types(disabling)).toEqual(["UserDisabled", "SessionsEnded"]);
    const disabled = given(...register(kim), ...disabling);
    expect([disabled.status, show(disabled).disabled]).toEqual(["disabled", true]);
    const enabling = administrate(disabled, { disabled: false }, 1);
    expect(types(enabling)).toEqual(["UserEnabled"]);
    expect(given(...register(kim), ...disabling, ...enabling).status).toBe("active");
  });

  test("asking for what is so already changes nothing", () => {
    expect(administrate(customer(), { role: "customer", disabled: false }, 0)).toEqual([]);
    expect(administrate(admin(), { role: "admin", disabled: false }, 0)).toEqual([]);
  });

  test.each([
    { role: "customer" as const },
    { disabled: true },
    { role: "customer" as const, disabled: true },
    { role: "admin" as const, disabled: true },
  ])("the last admin can't get %j", change => {
    expect(() => administrate(admin(), change, 0)).toThrow(refusal("LAST_ADMIN"));
    expect(administrate(admin(), change, 1)).not.toEqual([]);
  });

  test("a disabled admin is nobody's last admin", () => {
    const disabled = given(...register({ ...kim, role: "admin" }), { type: "UserDisabled", data: {} });
    expect(types(administrate(disabled, { role: "customer" }, 0))).toEqual(["RoleChanged", "SessionsEnded"]);
  });

  test("who comes to be an admin or ceases to be one is told to all admins", () => {
    const left = administrate(admin(), { disabled: true }, 1);
    expect([...administrate(customer(), { role: "admin" }, 0)].reduce(afterAdminEvent, new Set<string>())).toEqual(
      new Set(["usr_1"]),
    );
    expect(
      [...administrate(customer(), { role: "admin" }, 0), ...left].reduce(afterAdminEvent, new Set<string>()),
    ).toEqual(new Set());
  });
});

describe("what a client has seen", () => {
  test("is any change to what is shown, and neither a session nor a password", () => {
    const shown: UserEvent[] = [
      { type: "ProfileChanged", data: { locale: "en" } },
      { type: "RoleChanged", data: { role: "admin" } },
      { type: "UserDisabled", data: {} },
      { type: "UserEnabled", data: {} },
    ];
    for (const event of shown)
      expect(show(given(...register(kim), ...endSession("ses_1"), event, ...endSession("ses_2"))).version).toBe(3);
    expect(show(given(...register(kim), ...changePassword("crd_2"), ...endSession("ses_1"))).version).toBe(1);
  });

  test("must be what is shown now", () => {
    const account = given(...register(kim), { type: "ProfileChanged", data: { locale: "en" } }, ...endSession("ses_1"));
    for (const seen of [undefined, "*" as const, [2], [1, 2]]) expect(atVersion(account, seen)).toBe(account);
    for (const seen of [[1], [3], [], [1, 3]])
      expect(() => atVersion(account, seen)).toThrow(refusal("PRECONDITION_FAILED"));
  });
});
