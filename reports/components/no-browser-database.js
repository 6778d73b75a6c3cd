// Stands where Evidence would import its browser database: pages are queried at build, from `tables.js`.
const refuse = () => {
	throw new Error('Pages are queried at build; there is no database in the browser.');
};

export const query = refuse;
export const initDB = refuse;
export const setParquetURLs = refuse;
export const updateSearchPath = refuse;
export const tableFromIPC = refuse;
export const arrowTableToJSON = refuse;
