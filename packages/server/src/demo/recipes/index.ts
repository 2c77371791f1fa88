import type { Recipe } from '../recipe.ts';
import { airbagRun, sledRun, vehicleRun } from './crash.ts';
import { bundleIngest, datasetImport } from './data.ts';
import { geometryExport, myJob, nightlyBackup, surrogateTraining, weeklyReport } from './scripts.ts';
import { flowRun, modalRun } from './structure-and-flow.ts';

export const recipes: readonly Recipe[] = [
  sledRun,
  vehicleRun,
  airbagRun,
  modalRun,
  flowRun,
  datasetImport,
  bundleIngest,
  nightlyBackup,
  weeklyReport,
  myJob,
  surrogateTraining,
  geometryExport,
];

/** The recipe of a demo job as its row tells it: the one without steps is a vibration run. */
export function recipeTagged(tag: string | null): Recipe | undefined {
  return tag === null ? modalRun : recipes.find((recipe) => recipe.tag === tag);
}

export {
  airbagRun,
  bundleIngest,
  datasetImport,
  flowRun,
  geometryExport,
  modalRun,
  myJob,
  nightlyBackup,
  sledRun,
  surrogateTraining,
  vehicleRun,
  weeklyReport,
};
