/** The version of Daybook: all packages carry the same, and client and server say it to each other. */
export const release = '0.1.0';
