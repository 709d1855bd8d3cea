import { useContext, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { RecordContext, type RecordApi } from './record';
import { classes, id } from './text';

type Target = { objectId?: number | string; objectTypeId?: string; href?: string };
type Props = {
  children?: ReactNode;
  testId?: string;
  actionType?: string;
  actionContext?: Target;
  variant?: string;
  size?: string;
  disabled?: boolean;
};

/** HubSpot's own dialog for a new task, as far as a stand-in needs it. */
function TaskDialog({ record, onDone }: { record: RecordApi; onDone: () => void }) {
  const [title, setTitle] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    await record.createTask(title);
    onDone();
  };
  return (
    <form method="dialog" onSubmit={(event) => void save(event)} className="hs-dialog">
      <h3 className="hs-heading">Create task</h3>
      <div className="hs-field">
        <label htmlFor="task-title">Task title</label>
        <input
          id="task-title"
          data-testid="task-title"
          value={title}
          required
          onChange={(event) => setTitle(event.target.value)}
        />
      </div>
      <div className="hs-flex" style={{ gap: 8 }}>
        <button type="submit" className="hs-button hs-primary" data-testid="task-save">
          Create
        </button>
        <button type="button" className="hs-button hs-secondary" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}

export function CrmActionButton({ children, actionType, variant, size, disabled, testId }: Props) {
  const record = useContext(RecordContext);
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(0);
  const press = () => {
    if (actionType === 'ADD_TASK') {
      setOpen(open + 1);
      dialog.current?.showModal();
    } else {
      record.alert({ type: 'info', message: `The stand-in has no ${String(actionType)}.` });
    }
  };
  return (
    <>
      <button
        {...id(testId)}
        type="button"
        className={classes('hs-button', `hs-${variant ?? 'secondary'}`, size === 'sm' && 'hs-small')}
        disabled={disabled === true}
        onClick={press}
      >
        {children}
      </button>
      <dialog ref={dialog} aria-label="Create task">
        {open > 0 && (
          <TaskDialog key={open} record={record} onDone={() => dialog.current?.close()} />
        )}
      </dialog>
    </>
  );
}

export function CrmActionLink({ children, actionType, actionContext, testId }: Props) {
  const record = useContext(RecordContext);
  const isRecord = actionType === 'RECORD_APP_LINK' || actionType === 'PREVIEW_OBJECT';
  const href = isRecord ? record.addressOf(String(actionContext?.objectId ?? '')) : '#';
  return (
    <a {...id(testId)} className="hs-link" href={href}>
      {children}
    </a>
  );
}
