import type { ToUploader } from './upload-protocol.ts';
import { Uploader } from './uploader.ts';

const uploader = new Uploader((message) => postMessage(message));
addEventListener('message', ({ data }: MessageEvent<ToUploader>) => void uploader.hear(data));
