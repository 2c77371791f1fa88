import { Link } from '@tanstack/react-router';

export function TargetLink({ name }: { name: string }) {
  return (
    <Link to="/targets/$name" params={{ name }}>
      {name}
    </Link>
  );
}
