// The rules of an account's sessions, as scenarios: what ends them, and which password counts.
import { noAccount } from "../../services/users/account";
import { admitted, changePassword, endSession, register } from "../../services/users/account.rules";
import { customer, given, kim, refusal } from "../helpers/account";

describe("sessions", () => {
  test("a new password ends all of them", () => {
    expect(changePassword("crd_2")).toContainEqual({ type: "SessionsEnded", data: {} });
  });

  test("the password that counts is the one that was named last; of before they had names, the first", () => {
    const named = given(...register(kim), ...changePassword("crd_2"), ...changePassword("crd_3"));
    expect([customer().credential, named.credential]).toEqual(["usr_1", "crd_3"]);
    expect(given(...register(kim), { type: "PasswordChanged", data: {} }).credential).toBe("usr_1");
  });

  test("those opened before all ended are over, those opened afterwards go on", () => {
    const account = given(...register(kim), ...changePassword("crd_2"));
    expect(() => admitted(account, 1)).toThrow(refusal("UNAUTHENTICATED"));
    expect(admitted(account, account.version)).toBe(account);
  });

  test("the end of one leaves the others", () => {
    expect(admitted(given(...register(kim), ...endSession("ses_1")), 1).user).toEqual(customer().user);
  });

  test("nobody acts for an account that is disabled or gone", () => {
    const disabled = given(...register(kim), { type: "UserDisabled", data: {} });
    expect(() => admitted(disabled, disabled.version)).toThrow(refusal("UNAUTHENTICATED"));
    expect(() => admitted(noAccount, 9)).toThrow(refusal("UNAUTHENTICATED"));
  });

  test("signing out ends one", () => {
    expect(endSession("ses_1")).toEqual([{ type: "SessionsEnded", data: { session: "ses_1" } }]);
  });

  test("neither shows in the account", () => {
    expect(given(...register(kim), ...changePassword("crd_2"), ...endSession("ses_1")).user).toEqual(customer().user);
  });
});
