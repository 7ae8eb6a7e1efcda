/* Stands for the table of the app: its folder is the app. */
