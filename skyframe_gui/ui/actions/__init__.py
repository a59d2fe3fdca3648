"""What menus, toolbar and keys do: one module for each menu, and the menus made from them."""
