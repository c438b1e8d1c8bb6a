import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["js/**"],
    languageOptions: { globals: { ...globals.browser, echarts: "readonly" } },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error" },
  },
  { files: ["tests/**"], languageOptions: { globals: globals.node } },
];
