import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { signOut, useSession } from '@/api/session';
import { notifyError } from '@/components/toasts';
import type { ZoneChoice } from '@/lib/format-time';
import { setPreferences, type ThemeChoice, usePreferences } from '@/lib/preferences';

interface RadioProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}

function RadioPart<T extends string>({ label, value, options, onChange }: RadioProps<T>): ReactNode {
  return (
    <Menu.Group>
      <Menu.GroupLabel className="menu__label">{label}</Menu.GroupLabel>
      <Menu.RadioGroup value={value} onValueChange={(next: T) => onChange(next)}>
        {(Object.keys(options) as T[]).map((key) => (
          <Menu.RadioItem key={key} value={key} closeOnClick={false} className="menu__item">
            <span className="menu__check" aria-hidden="true">
              {key === value ? '✓' : ''}
            </span>
            {options[key]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </Menu.Group>
  );
}

const THEMES: Record<ThemeChoice, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };
const ZONES: Record<ZoneChoice, string> = { utc: 'UTC', exchange: 'Of each symbol’s exchange', local: 'This computer' };

export default function AccountMenu(): ReactNode {
  const now = useSession();
  const { theme, zone } = usePreferences();
  if (now.status !== 'signed-in') return null;
  const { email, role } = now.me.user;
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button button--quiet button--icon avatar" aria-label={`Account menu of ${email}`}>
        {email.charAt(0).toUpperCase()}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="menu-layer">
          <Menu.Popup className="menu">
            <div className="menu__label">
              <strong>{email}</strong>
              <br />
              {role}
            </div>
            <Menu.Separator className="menu__line" />
            <RadioPart label="Theme" value={theme} options={THEMES} onChange={(next) => setPreferences({ theme: next })} />
            <RadioPart label="Times" value={zone} options={ZONES} onChange={(next) => setPreferences({ zone: next })} />
            <Menu.Separator className="menu__line" />
            <Menu.Item className="menu__item" onClick={() => void signOut().catch((error: unknown) => notifyError('Sign-out failed', error))}>
              <span className="menu__check" aria-hidden="true" />
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
