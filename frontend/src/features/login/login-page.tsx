import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { ApiError, messageOf } from '@/api/errors';
import { signIn, useSession } from '@/api/session';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { safeNext } from './safe-next';
import './login.css';

const WRONG = 'The e-mail address or the password is wrong.';

/** One wording for every refusal: it must not tell which addresses exist. */
function explain(error: unknown): string {
  const refused = error instanceof ApiError && [400, 401, 403, 404, 422].includes(error.status);
  return refused ? WRONG : messageOf(error);
}

function useSignIn() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    setBusy(true);
    setProblem(null);
    try {
      await signIn(String(data.get('email')).trim(), String(data.get('password')));
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };
  return { busy, problem, run };
}

export function LoginPage(): ReactNode {
  const session = useSession();
  const [query] = useSearchParams();
  const [caps, setCaps] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  const { busy, problem, run } = useSignIn();

  useEffect(() => {
    document.title = 'Sign in · Causeway';
  }, []);
  useEffect(() => {
    if (problem) password.current?.select();
  }, [problem]);

  if (session.status === 'signed-in') return <Navigate to={safeNext(query.get('next'))} replace />;

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void run(event.currentTarget);
  };
  const watchCaps = (event: KeyboardEvent): void => setCaps(event.getModifierState('CapsLock'));
  return (
    <main className="login">
      <form className="login__card stack" method="post" onSubmit={submit}>
        <div className="row">
          <img src="/favicon.svg" alt="" width="40" height="40" />
          <div>
            <h1>Causeway</h1>
            <p className="muted">Which series drive which</p>
          </div>
        </div>
        {query.has('ended') && !problem && <Notice>Your session ended. Sign in to go on where you were.</Notice>}
        {problem && <Notice tone="danger">{problem}</Notice>}
        <Field label="E-mail address">
          {(control) => <input {...control} className="input" type="email" name="email" autoComplete="username" required maxLength={254} autoFocus />}
        </Field>
        <Field label="Password" hint={caps ? <span className="login__caps">Caps Lock is on.</span> : undefined}>
          {(control) => (
            <input
              {...control}
              ref={password}
              className="input"
              type="password"
              name="password"
              autoComplete="current-password"
              required
              maxLength={1024}
              onKeyDown={watchCaps}
              onKeyUp={watchCaps}
              onBlur={() => setCaps(false)}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" shape="block" busy={busy}>
          Sign in
        </Button>
        <p className="muted small">
          The first administrator’s password is printed once by <code>make up</code>; <code>causeway admin reset-password</code> makes a new one.
        </p>
      </form>
    </main>
  );
}
