"""The page that a person sees whose form is refused, by a real browser.

CHROMIUM and CHROMEDRIVER name the programs, where they are not in the PATH.
"""

import os
import shutil
import sys


def take(url, fields, labels, path):
    """Fills in the form for a new power feed with fields, submits it, and saves what is shown then.

    labels: what the keys of other objects are shown as.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not browser or not driver:
        sys.exit("missing on this machine: chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"):
        options.add_argument(argument)
    web = webdriver.Chrome(options=options, service=Service(driver))
    try:
        web.set_page_load_timeout(300)
        web.get(url + "/login/")
        web.find_element(By.NAME, "username").send_keys("admin")
        web.find_element(By.NAME, "password").send_keys("admin")
        web.find_element(By.CSS_SELECTOR, "form [type=submit]").click()
        WebDriverWait(web, 300).until(lambda web: "/login/" not in web.current_url)
        web.get(url + "/dcim/power-feeds/add/")
        # the lists are filled as one types; this chooses what one would choose
        web.execute_script(
            """for (const [name, value] of Object.entries(arguments[0])) {
                const field = document.querySelector(`form [name=${name}]`);
                if (field && field.tagName == "SELECT" && ![...field.options].some(o => o.value == value))
                    field.add(new Option(arguments[1][value], value, true, true));
                if (field) field.value = value;
                if (field) field.dispatchEvent(new Event("change", {bubbles: true}));
            }""",
            fields,
            labels,
        )
        web.save_screenshot(path.replace(".png", "-form.png"))
        web.execute_script("document.querySelector('form [name=_create]').click()")
        WebDriverWait(web, 300).until(lambda web: "closes a loop" in web.find_element(By.TAG_NAME, "body").text)
        web.save_screenshot(path)
    finally:
        web.quit()
