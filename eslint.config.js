import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["assets/components/katex/**"] }, // as its authors made it
  js.configs.recommended,
  {
    files: ["assets/components/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "eqeqeq": "error",
      "no-shadow": "off",
      "no-var": "error",
      "no-unused-vars": ["error", { args: "after-used", varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "prefer-const": "error",
    },
  },
];
